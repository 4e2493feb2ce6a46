using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Director.Lab.Traffic;

/// <summary>Sends Ethernet frames as they are, whoever they say that they come from.</summary>
internal sealed partial class PacketSocket : IDisposable
{
    private const int Packet = 17; // AF_PACKET
    private const int Raw = 3; // SOCK_RAW
    private const int CloseOnExec = 0x80000; // SOCK_CLOEXEC
    private const int AddressLength = 20; // struct sockaddr_ll
    private const int Level = 263; // SOL_PACKET
    private const int QueueBypass = 20; // PACKET_QDISC_BYPASS

    private readonly int _descriptor;

    public PacketSocket(string device)
    {
        _descriptor = Create(Packet, Raw | CloseOnExec, 0);
        Span<byte> address = stackalloc byte[AddressLength];
        address.Clear();
        MemoryMarshal.Write(address, (ushort)Packet);
        MemoryMarshal.Write(address[4..], NameToIndex(device));
        if (_descriptor < 0 || Bind(_descriptor, address, AddressLength) < 0)
            throw new Win32Exception();
    }

    public void Send(ReadOnlySpan<byte> frame)
    {
        if (Write(_descriptor, frame, frame.Length) != frame.Length)
            throw new Win32Exception();
    }

    public void Send(PacketBurst burst, int count) => burst.Send(_descriptor, count);

    /// <summary>Frames go to the device at once; what it cannot take is lost.</summary>
    public void BypassQueue()
    {
        if (SetOption(_descriptor, Level, QueueBypass, 1, sizeof(int)) < 0)
            throw new Win32Exception();
    }

    public void Dispose() => _ = Close(_descriptor);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Create(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    private static partial int Bind(int descriptor, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> frame, nint length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int descriptor, int level, int name, in int value, int length);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NameToIndex(string name);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
