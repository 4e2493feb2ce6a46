using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Director.Lab.Traffic;

/// <summary>A network device whose other end is a file: what is written there, the kernel receives as a packet. Gone when the file is closed.</summary>
internal static class TunDevice
{
    private const nuint SetInterface = 0x400454ca; // TUNSETIFF
    private const short Tun = 0x0001; // IFF_TUN: IP packets, no Ethernet
    private const short NoPacketInformation = 0x1000; // IFF_NO_PI
    private const int NameLength = 16;
    private const int RequestLength = 40; // struct ifreq

    /// <summary>Each write is a packet.</summary>
    public static FileStream Open(string name)
    {
        SafeFileHandle file = File.OpenHandle("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        byte[] request = new byte[RequestLength];
        Encoding.ASCII.GetBytes(name, request.AsSpan(0, NameLength - 1));
        BitConverter.TryWriteBytes(request.AsSpan(NameLength), (short)(Tun | NoPacketInformation));
        if (Control(file, SetInterface, request) < 0)
            throw new Win32Exception();
        return new FileStream(file, FileAccess.Write, bufferSize: 0);
    }

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Control(SafeFileHandle file, nuint operation, byte[] argument);
}
