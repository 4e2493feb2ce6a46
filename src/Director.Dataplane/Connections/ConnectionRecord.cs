using System.Runtime.InteropServices;
using Director.Dataplane.Synchronization;
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

    /// <summary>Bits of the number of a server slot.</summary>
    public const int SlotBits = 17;

    private const uint SlotMask = (1u << SlotBits) - 1;
    private const ConnectionFlags Fast = ConnectionFlags.FastIn | ConnectionFlags.FastOut;

    [FieldOffset(0)] internal uint ClientAddressWord;
    [FieldOffset(4)] internal uint VirtualAddressWord;

    /// <summary>Client port and virtual port as one word.</summary>
    [FieldOffset(8)] internal uint PortsWord;
    [FieldOffset(8)] internal ushort ClientPortWord;
    [FieldOffset(10)] internal ushort VirtualPortWord;

    [FieldOffset(12)] internal byte ProtocolByte;
    [FieldOffset(13)] internal byte StateByte;
    [FieldOffset(14)] internal ushort FlagBits;

    /// <summary>Server slot in the lower <see cref="SlotBits"/> bits, next hop in the others.</summary>
    [FieldOffset(16)] internal uint ServerWord;

    [FieldOffset(20)] internal ushort ServerPortWord;

    /// <summary>FULLNAT: the port we speak to the server from, at <see cref="RecordExtension.Local"/>. Network order; 0 for other methods.</summary>
    [FieldOffset(22)] internal ushort LocalPortWord;

    /// <summary>What connection sync keeps of it: the packet thread's own, and nothing to anybody else.</summary>
    [FieldOffset(24)] internal SyncMarks Marks;

    /// <summary>On a standby: the copy of everything that confirmed it last (<see cref="SyncReceiver"/>).</summary>
    [FieldOffset(25)] internal byte ConfirmedBy;

    /// <summary>Odd while the record is being changed, two more for each change: at least two for each new use.</summary>
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
    internal static ConnectionRecord Passing(in FlowKey flow, uint serverSlot, ushort serverPort, ForwardingMethod method) => new()
    {
        ClientAddressWord = flow.IsIpv4 ? NetworkOrder.Swap(flow.Source.Ipv4) : 0,
        VirtualAddressWord = flow.IsIpv4 ? NetworkOrder.Swap(flow.Destination.Ipv4) : 0,
        PortsWord = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort),
        ProtocolByte = flow.Protocol,
        FlagBits = (ushort)((ushort)(flow.IsIpv4 ? ConnectionFlags.InUse : ConnectionFlags.InUse | ConnectionFlags.Ipv6) | ((int)method << MethodShift)),
        ServerWord = serverSlot,
        ServerPortWord = NetworkOrder.Swap(serverPort),
    };

    /// <summary>Place of the real server in <see cref="ServerSlots"/>.</summary>
    public readonly uint ServerSlot => ServerWord & SlotMask;

    /// <summary>With <see cref="ConnectionFlags.FastOut"/>: number of the client's next hop (<see cref="FastPath.FastHops"/>).</summary>
    internal readonly uint Hop => ServerWord >> SlotBits;

    public readonly ushort ClientPort => NetworkOrder.Swap(ClientPortWord);

    public readonly ushort VirtualPort => NetworkOrder.Swap(VirtualPortWord);

    public readonly ushort ServerPort => NetworkOrder.Swap(ServerPortWord);

    public readonly byte Protocol => ProtocolByte;

    /// <summary>Host order; 0: not FULLNAT.</summary>
    public readonly ushort LocalPort => NetworkOrder.Swap(LocalPortWord);

    /// <summary>Server port and the port that it answers, client's or ours, as one word: how a server's packet starts.</summary>
    internal readonly uint ReplyPortsWord => BitConverter.IsLittleEndian
        ? ServerPortWord | ((uint)AnsweredPortWord << 16)
        : ((uint)ServerPortWord << 16) | AnsweredPortWord;

    private readonly ushort AnsweredPortWord => LocalPortWord != 0 ? LocalPortWord : ClientPortWord;

    public readonly ConnectionState State => (ConnectionState)StateByte;

    public readonly ConnectionFlags Flags => (ConnectionFlags)FlagBits;

    public readonly ForwardingMethod Forwarding => (ForwardingMethod)((FlagBits & (ushort)ConnectionFlags.MethodMask) >> MethodShift);

    public readonly bool IsInUse => (FlagBits & (ushort)ConnectionFlags.InUse) != 0;

    /// <summary>Counted in its server's ActiveConn.</summary>
    public readonly bool IsActive => ConnectionStates.IsActive(State);

    /// <summary>Tick of the last packet of either side.</summary>
    public readonly uint LastSeen => ConnectionClock.Between(LastSeenIn, LastSeenOut) > 0 ? LastSeenOut : LastSeenIn;

    /// <summary>From now on the program forwards packets of this direction by itself; to <paramref name="hop"/>, if it is the server's.</summary>
    internal void GoFast(PacketDirection direction, uint hop)
    {
        if (direction == PacketDirection.Output)
            Volatile.Write(ref ServerWord, ServerSlot | (hop << SlotBits));
        Volatile.Write(ref FlagBits, (ushort)(FlagBits | (ushort)(direction == PacketDirection.Input ? ConnectionFlags.FastIn : ConnectionFlags.FastOut)));
    }

    /// <summary>From now on every packet is the engine's again.</summary>
    internal void GoSlow()
    {
        if ((Flags & Fast) != 0)
            Volatile.Write(ref FlagBits, (ushort)(FlagBits & ~(uint)Fast));
    }

    /// <summary>Until <see cref="EndChange"/> readers on other threads see that it is not to be read.</summary>
    internal void BeginChange()
    {
        Generation |= 1;
        Volatile.WriteBarrier();
    }

    internal void EndChange() => Volatile.Write(ref Generation, (ushort)((Generation | 1) + 1));

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
