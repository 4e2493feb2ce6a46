using Director.Dataplane.Control;
using Director.Dataplane.Wire;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// A packet socket for ARP at one interface, beside the rings: what the packets of clients do to those does not delay the election.
/// The kernel hands it ARP only, so that it costs other packets nothing. One thread uses it; nothing is allocated.
/// </summary>
public sealed unsafe class ElectionSocket : IDisposable
{
    private const int Headers = EthernetHeader.Length;

    private readonly int _descriptor;
    private readonly string _name;

    private ElectionSocket(int descriptor, string name)
    {
        _descriptor = descriptor;
        _name = name;
    }

    /// <exception cref="EngineException">No such interface, or no privilege.</exception>
    public static ElectionSocket Open(string name)
    {
        int index = InterfaceFacts.Index(name);
        int descriptor = SystemError.Check(
            socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), $"interface {name}: no packet socket for the election");
        try
        {
            int yes = 1;
            SystemError.Check(setsockopt(descriptor, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(int)), "PACKET_IGNORE_OUTGOING");
            PacketInterface.Bind(descriptor, index, EtherType.Arp, name);
            return new ElectionSocket(descriptor, name);
        }
        catch
        {
            _ = close(descriptor);
            throw;
        }
    }

    /// <summary>For <see cref="PacketPoll"/>.</summary>
    public int Descriptor => _descriptor;

    public bool HasCarrier => InterfaceFacts.HasCarrier(_descriptor, _name);

    /// <summary>The next frame, Ethernet header first; its length, or 0 if none waits.</summary>
    public int Receive(Span<byte> frame)
    {
        // The kernel writes at most frame.Length bytes, into memory that is pinned for the call.
        fixed (byte* start = frame)
        {
            nint length = (nint)recv(_descriptor, start, (size_t)frame.Length, 0);
            return length >= Headers ? (int)length : 0;
        }
    }

    /// <summary>False: the interface did not take it.</summary>
    public bool Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* start = frame)
            return (nint)send(_descriptor, start, (size_t)frame.Length, 0) == frame.Length;
    }

    /// <summary>See <see cref="PacketInterface.TakeError"/>.</summary>
    public void TakeError()
    {
        int error;
        socklen_t length = sizeof(int);
        _ = getsockopt(_descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    }

    public void Dispose() => _ = close(_descriptor);
}
