using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>The kernel's random numbers, without the OpenSSL that .NET's own generator would load into the engine.</summary>
public static unsafe partial class Entropy
{
    public static void Fill(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint got;
            // The kernel writes at most bytes.Length bytes, into memory that is pinned for the call.
            fixed (byte* start = bytes)
                got = GetRandom(start, (nuint)bytes.Length, 0);
            if (got > 0)
                bytes = bytes[(int)got..];
            else if (Marshal.GetLastPInvokeError() != EINTR)
                throw SystemError.Exception("no random numbers");
        }
    }

    [LibraryImport("libc", EntryPoint = "getrandom", SetLastError = true)]
    private static partial nint GetRandom(byte* buffer, nuint length, uint flags);
}
