using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Director.Lab.Traffic;

/// <summary>A raw IPv4 socket of any protocol: .NET itself opens those of the few protocols that it knows.</summary>
internal static class RawSocket
{
    private const int Internet = 2; // AF_INET
    private const int Raw = 3; // SOCK_RAW
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC

    /// <param name="protocol">IANA's number. What is received begins with the IP header.</param>
    public static Socket Open(int protocol)
    {
        int descriptor = Create(Internet, Raw | CloseOnExec, protocol);
        return descriptor < 0 ? throw new Win32Exception() : new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
    }

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int Create(int family, int type, int protocol);
}
