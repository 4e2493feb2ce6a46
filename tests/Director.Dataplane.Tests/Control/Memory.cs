using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace Director.Dataplane.Tests.Control;

/// <summary>A memfd, as the connection memory is one.</summary>
internal static unsafe class Memory
{
    public static FileStream Create()
    {
        int descriptor;
        fixed (byte* name = "test-memory\0"u8)
            descriptor = LibC.memfd_create(name, LibC.MFD_CLOEXEC);
        Assert.True(descriptor >= 0, Marshal.GetLastPInvokeErrorMessage());
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite);
    }
}
