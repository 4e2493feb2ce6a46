using System.Runtime.InteropServices;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// One connection: one cache line, shared with the fast-path program (docs/connection-memory.md has the picture).
/// Addresses and ports lie in network order, the first twelve bytes just as in a client's IPv4 packet (source, destination,
/// ports), so that the program compares raw words; of IPv6 addresses there are digests (<see cref="FlowHash"/>), and
/// <see cref="Connection"/> gives the addresses of either family. The packet thread is the only
/// writer, but for the counters and last-seen times, which the program adds to and stamps as well.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ConnectionRecord
{
    public const int Size = 64;
    public const int MethodShift = 8;

    [FieldOffset(0)] internal uint ClientAddressWord;
    [FieldOffset(4)] internal uint VirtualAddressWord;

    /// <summary>Client port and virtual port as one word.</summary>
    [FieldOffset(8)] internal uint PortsWord;
    [FieldOffset(8)] internal ushort ClientPortWord;
    [FieldOffset(10)] internal ushort VirtualPortWord;

    [FieldOffset(12)] internal byte ProtocolByte;
    [FieldOffset(13)] internal byte StateByte;
    [FieldOffset(14)] internal ushort FlagBits;

    /// <summary>Place of the real server in <see cref="ServerSlots"/>.</summary>
    [FieldOffset(16)] public uint ServerSlot;

    [FieldOffset(20)] internal ushort ServerPortWord;

    /// <summary>FULLNAT: the port we speak to the server from. Network order; 0 for other methods.</summary>
    [FieldOffset(22)] internal ushort LocalPortWord;

    /// <summary>FULLNAT: number of the local address in its side table; 0 for other methods.</summary>
    [FieldOffset(24)] internal ushort LocalAddress;

    /// <summary>Odd while the record is being filled or cleared, two more for each new use.</summary>
    [FieldOffset(26)] internal ushort Generation;

    /// <summary>Seconds that go before the state's timeout; 0 for none.</summary>
    [FieldOffset(28)] internal uint OwnTimeout;

    [FieldOffset(32)] public ulong InBytes;
    [FieldOffset(40)] public ulong OutBytes;
    [FieldOffset(48)] public uint InPackets;
    [FieldOffset(52)] public uint OutPackets;

    /// <summary>Tick of the client's last packet (<see cref="ConnectionClock"/>).</summary>
    [FieldOffset(56)] public uint LastSeenIn;

    /// <summary>Tick of the server's last packet; of the creation before there was one.</summary>
    [FieldOffset(60)] public uint LastSeenOut;

    /// <summary>A record for one packet, that is in no table.</summary>
    internal static ConnectionRecord Passing(in FlowKey flow, uint serverSlot, ushort serverPort) => new()
    {
        ClientAddressWord = flow.IsIpv4 ? NetworkOrder.Swap(flow.Source.Ipv4) : 0,
        VirtualAddressWord = flow.IsIpv4 ? NetworkOrder.Swap(flow.Destination.Ipv4) : 0,
        PortsWord = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort),
        ProtocolByte = flow.Protocol,
        FlagBits = (ushort)(flow.IsIpv4 ? ConnectionFlags.InUse : ConnectionFlags.InUse | ConnectionFlags.Ipv6),
        ServerSlot = serverSlot,
        ServerPortWord = NetworkOrder.Swap(serverPort),
    };

    public readonly ushort ClientPort => NetworkOrder.Swap(ClientPortWord);

    public readonly ushort VirtualPort => NetworkOrder.Swap(VirtualPortWord);

    public readonly ushort ServerPort => NetworkOrder.Swap(ServerPortWord);

    public readonly byte Protocol => ProtocolByte;

    /// <summary>Server port and client port as one word: how a server's packet starts.</summary>
    internal readonly uint ReplyPortsWord => BitConverter.IsLittleEndian
        ? ServerPortWord | ((uint)ClientPortWord << 16)
        : ((uint)ServerPortWord << 16) | ClientPortWord;

    public readonly ConnectionState State => (ConnectionState)StateByte;

    public readonly ConnectionFlags Flags => (ConnectionFlags)FlagBits;

    public readonly ForwardingMethod Forwarding => (ForwardingMethod)((FlagBits & (ushort)ConnectionFlags.MethodMask) >> MethodShift);

    public readonly bool IsInUse => (FlagBits & (ushort)ConnectionFlags.InUse) != 0;

    /// <summary>Counted in its server's ActiveConn.</summary>
    public readonly bool IsActive => ConnectionStates.IsActive(State);

    /// <summary>Tick of the last packet of either side.</summary>
    public readonly uint LastSeen => ConnectionClock.Between(LastSeenIn, LastSeenOut) > 0 ? LastSeenOut : LastSeenIn;

    /// <summary>Atomic, since the fast-path program may count the same direction at the same time.</summary>
    public void CountIn(int bytes)
    {
        Interlocked.Increment(ref InPackets);
        Interlocked.Add(ref InBytes, (ulong)bytes);
    }

    /// <inheritdoc cref="CountIn"/>
    public void CountOut(int bytes)
    {
        Interlocked.Increment(ref OutPackets);
        Interlocked.Add(ref OutBytes, (ulong)bytes);
    }
}
