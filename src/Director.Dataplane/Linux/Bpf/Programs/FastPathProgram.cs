using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using static Director.Dataplane.Linux.Bpf.Condition;
using static Director.Dataplane.Linux.Bpf.Operation;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// The fast path: the program at an interface's ingress that forwards ordinary packets of established flows in the kernel, out of the
/// engine's own connection memory. What it does not know, or what could change a connection, it leaves as it is: to the
/// <see cref="Division"/> between engine and host.
/// <list type="number">
/// <item>parse: Ethernet to one of our MACs, IPv4 without options or fragments, TCP with nothing but ACK, or UDP;</item>
/// <item>look up: the connection, from the client's side or from the server's (<see cref="FlowSearch"/>);</item>
/// <item>check: next hop known, packet fits, lease not over; count;</item>
/// <item>rewrite: MACs, TTL, addresses, ports, checksums; out.</item>
/// </list>
/// Through all of it R6 is the context, R7 the record, R8 the packet, R9 the length of the IP packet.
/// </summary>
internal sealed class FastPathProgram
{
    private readonly Assembler _code = new();
    private readonly FastPathPlan _plan;
    private readonly FlowSearch _search;
    private readonly Label _slow;
    private readonly Label _rewrite;
    private readonly Label _send;
    private readonly Label _drop;

    private FastPathProgram(FastPathPlan plan)
    {
        _plan = plan;
        _search = new FlowSearch(_code, plan);
        (_slow, _rewrite, _send, _drop) = (_code.NewLabel(), _code.NewLabel(), _code.NewLabel(), _code.NewLabel());
    }

    /// <summary>The program for such an interface.</summary>
    public static Instruction[] Write(FastPathPlan plan) => new FastPathProgram(plan).Write();

    private Instruction[] Write()
    {
        _code.Move(R6, R1);
        Parse();
        LookUp();
        Rewrite();
        Send();

        _code.Place(_drop);
        _code.Exit(SocketBuffer.Drop);
        _code.Place(_slow);
        Division.Write(_code, _plan);
        return _code.Assemble();
    }

    // 1. Everything odd goes the slow way: VLAN tags, other MACs, IP options, fragments, a TTL that ends here, TCP flags but ACK, lengths
    // that do not fit, UDP without a checksum (which has to be computed).
    private void Parse()
    {
        Label parsed = _code.NewLabel(), ours = _code.NewLabel(), other = _code.NewLabel(), udp = _code.NewLabel();
        _code.Load(Width.Four, R0, R6, SocketBuffer.VlanPresent);
        _code.JumpIf(R0, NotEqual, 0, _slow);
        Reach(Headers.BehindUdp);

        _code.Load(Width.Four, R1, R8, 0);
        _code.Load(Width.Two, R2, R8, 4);
        MatchMac(_plan.EngineMac, ours, other);
        _code.Place(other);
        MatchMac(_plan.InterfaceMac, ours, _slow);
        _code.Place(ours);

        _code.Load(Width.Two, R0, R8, Headers.EtherType);
        _code.JumpIf(R0, NotEqual, BinaryPrimitives.ReverseEndianness(EtherType.Ipv4), _slow);
        _code.Load(Width.One, R0, R8, Headers.VersionAndLength);
        _code.JumpIf(R0, NotEqual, Headers.Version4WithoutOptions, _slow);
        _code.Load(Width.Two, R0, R8, Headers.Fragment);
        _code.JumpIf(R0, AnyBit, Headers.NotDontFragment, _slow);
        _code.Load(Width.One, R0, R8, Headers.TimeToLive);
        _code.JumpIf(R0, BelowOrEqual, 1, _slow);

        // The header's sum is right (RFC 1812 section 5.2.2): its words add up to all ones.
        _code.Set(R0, 0);
        for (int word = 0; word < Headers.Transport - Headers.Ip; word += 4)
        {
            _code.Load(Width.Four, R1, R8, Headers.Ip + word);
            _code.Do(Add, R0, R1);
        }
        Fold32(R0, R1);
        Fold16(R0, R1);
        _code.JumpIf(R0, NotEqual, ushort.MaxValue, _slow);

        // The IP packet ends within the frame; what pads it there is cut off at the end.
        _code.Load(Width.Two, R9, R8, Headers.TotalLength);
        _code.Swap16(R9);
        _code.Load(Width.Four, R0, R6, SocketBuffer.Length);
        _code.Do(Subtract, R0, Headers.Ip);
        _code.JumpIf(R9, Above, R0, _slow);

        _code.Load(Width.One, R0, R8, Headers.Protocol);
        _code.Store(Width.Four, Stack, Frame.Protocol, R0);
        _code.JumpIf(R0, Equal, IpProtocol.Udp, udp);
        _code.JumpIf(R0, NotEqual, IpProtocol.Tcp, _slow);

        // TCP: the header is whole, ACK and neither SYN, FIN nor RST.
        Reach(Headers.BehindTcp);
        _code.Load(Width.One, R0, R8, Headers.TcpFlags);
        _code.Do(And, R0, Headers.SynFinRstAck);
        _code.JumpIf(R0, NotEqual, Headers.Ack, _slow);
        _code.Load(Width.One, R0, R8, Headers.TcpDataOffset);
        _code.Do(ShiftRight, R0, 4);
        _code.Do(ShiftLeft, R0, 2);
        _code.JumpIf(R0, Below, Headers.BehindTcp - Headers.Transport, _slow);
        _code.Do(Add, R0, Headers.Transport - Headers.Ip);
        _code.Store(Width.Four, Stack, Frame.HeaderLength, R0);
        _code.JumpIf(R0, Above, R9, _slow);
        _code.SetWide(R0, _search.ConstantOf(IpProtocol.Tcp));
        _code.Jump(parsed);

        _code.Place(udp);
        _code.StoreValue(Width.Four, Stack, Frame.HeaderLength, Headers.BehindUdp - Headers.Ip);
        _code.Load(Width.Two, R0, R8, Headers.UdpLength);
        _code.Swap16(R0);
        _code.Do(Add, R0, Headers.Transport - Headers.Ip);
        _code.JumpIf(R0, NotEqual, R9, _slow);
        _code.JumpIf(R9, Below, Headers.BehindUdp - Headers.Ip, _slow);
        _code.Load(Width.Two, R0, R8, Headers.UdpChecksum);
        _code.JumpIf(R0, Equal, 0, _slow);
        _code.SetWide(R0, _search.ConstantOf(IpProtocol.Udp));
        _code.Place(parsed);
    }

    // 2. R0 is the hash's constant of the protocol.
    private void LookUp()
    {
        Label client = _code.NewLabel(), server = _code.NewLabel();
        _search.Prepare();
        if (_plan.AnswersFirst)
        {
            _search.ForAnswer(server);
            _search.ForClient(client);
        }
        else
        {
            _search.ForClient(client);
            _search.ForAnswer(server);
        }
        _code.Jump(_slow);

        _code.Place(client);
        FromClient();
        _code.Place(server);
        FromServer();
    }

    private void FromClient()
    {
        _search.LoadServer(R5);
        _code.Store(Width.Eight, Stack, Frame.Server, R5);
        _code.Load(Width.Four, R1, R5, FastPath.FastServer.HopAt);
        Check();
        Account(ClientCounters);

        // Direct routing: the packet stays as it is. Masquerading: the server's address and port in the place of the VIP's.
        _code.Load(Width.Two, R0, R7, Offsets.Flags);
        _code.Do(And, R0, (int)ConnectionFlags.MethodMask);
        _code.JumpIf(R0, NotEqual, 0, _send);
        _code.Load(Width.Eight, R1, Stack, Frame.Server);
        _code.Load(Width.Four, R0, R1, FastPath.FastServer.AddressAt);
        _code.Store(Width.Four, Stack, Frame.NewDestination, R0);
        _code.Load(Width.Four, R0, Stack, Frame.Source);
        _code.Store(Width.Four, Stack, Frame.NewSource, R0);
        _code.Load(Width.Two, R0, R7, Offsets.ServerPort);
        _code.Store(Width.Two, Stack, Frame.NewDestinationPort, R0);
        _code.Load(Width.Two, R0, R8, Headers.SourcePort);
        _code.Store(Width.Two, Stack, Frame.NewSourcePort, R0);
        _code.Jump(_rewrite);
    }

    // The search has left the server in its place.
    private void FromServer()
    {
        _code.Load(Width.Four, R1, R7, Offsets.ServerWord);
        _code.Do(ShiftRight, R1, ConnectionRecord.SlotBits);
        Check();
        Account(ServerCounters);

        _code.Load(Width.Four, R0, R7, Offsets.VirtualAddress);
        _code.Store(Width.Four, Stack, Frame.NewSource, R0);
        _code.Load(Width.Four, R0, Stack, Frame.Destination);
        _code.Store(Width.Four, Stack, Frame.NewDestination, R0);
        _code.Load(Width.Two, R0, R7, Offsets.VirtualPort);
        _code.Store(Width.Two, Stack, Frame.NewSourcePort, R0);
        _code.Load(Width.Two, R0, R8, Headers.DestinationPort);
        _code.Store(Width.Two, Stack, Frame.NewDestinationPort, R0);
        _code.Jump(_rewrite);
    }

    // 3. R1 is the number of the next hop. Its three words go to the stack; from here on only the lease can stop the packet.
    private void Check()
    {
        Label fits = _code.NewLabel();
        _code.Do(And, R1, (int)FastPath.FastTables.HopCount - 1);
        _code.Do(ShiftLeft, R1, 5);
        _code.SetAddress(R2, _plan.Tables.Memory.Descriptor, FastPath.FastTables.HopsAt);
        _code.Do(Add, R2, R1);
        _code.Load(Width.Eight, R3, R2, FastPath.FastHop.ToAt);
        _code.Load(Width.Eight, R4, R2, FastPath.FastHop.FromAt);
        _code.Load(Width.Eight, R5, R2, FastPath.FastHop.DeviceAt);
        _code.Store(Width.Eight, Stack, Frame.To, R3);
        _code.Store(Width.Eight, Stack, Frame.From, R4);
        _code.Store(Width.Eight, Stack, Frame.Device, R5);
        SameGeneration(R4);
        SameGeneration(R5);
        _code.Do(ShiftRight, R3, FastPath.FastHop.GenerationShift);
        _code.JumpIf(R3, Equal, 0, _slow);

        // It fits, or is a super-frame whose segments do.
        _code.Do(ShiftRight, R5, FastPath.FastHop.MtuShift);
        _code.Do(And, R5, ushort.MaxValue);
        _code.JumpIf(R9, BelowOrEqual, R5, fits);
        _code.Load(Width.Four, R0, R6, SocketBuffer.SegmentSize);
        _code.JumpIf(R0, Equal, 0, _slow);
        _code.Load(Width.Four, R1, Stack, Frame.HeaderLength);
        _code.Do(Add, R0, R1);
        _code.JumpIf(R0, Above, R5, _slow);
        _code.Place(fits);

        _code.Call(Function.BootTime);
        _code.SetAddress(R1, _plan.Tables.Memory.Descriptor, FastPath.FastTables.LeaseAt);
        _code.Load(Width.Eight, R1, R1, 0);
        _code.JumpIf(R0, AboveOrEqual, R1, _drop);
    }

    private void SameGeneration(Register word)
    {
        _code.Move(R0, R3);
        _code.Do(Xor, R0, word);
        _code.Do(ShiftRight, R0, FastPath.FastHop.GenerationShift);
        _code.JumpIf(R0, NotEqual, 0, _slow);
    }

    private static readonly (int Seen, int Packets, int Bytes, int ServerPackets, int ServerBytes) ClientCounters =
        (Offsets.LastSeenIn, Offsets.InPackets, Offsets.InBytes, FastPath.FastServer.InPacketsAt, FastPath.FastServer.InBytesAt);

    private static readonly (int Seen, int Packets, int Bytes, int ServerPackets, int ServerBytes) ServerCounters =
        (Offsets.LastSeenOut, Offsets.OutPackets, Offsets.OutBytes, FastPath.FastServer.OutPacketsAt, FastPath.FastServer.OutBytesAt);

    // R0 is the time.
    private void Account((int Seen, int Packets, int Bytes, int ServerPackets, int ServerBytes) at)
    {
        _code.Do(ShiftRight, R0, ConnectionClock.TickShift);
        _code.Store(Width.Four, R7, at.Seen, R0);
        _code.Set(R1, 1);
        _code.AtomicAdd(Width.Four, R7, at.Packets, R1);
        _code.AtomicAdd(Width.Eight, R7, at.Bytes, R9);
        _code.Load(Width.Eight, R2, Stack, Frame.Server);
        _code.AtomicAdd(Width.Eight, R2, at.ServerPackets, R1);
        _code.AtomicAdd(Width.Eight, R2, at.ServerBytes, R9);
    }

    // 4. Addresses, ports and the sums that cover them (RFC 1624). The functions know what of a sum is left to a card: the part of the
    // addresses is in its field then, that of the ports is not.
    private void Rewrite()
    {
        Label udp = _code.NewLabel(), samePorts = _code.NewLabel(), udpPorts = _code.NewLabel();
        _code.Place(_rewrite);
        Difference(R3, (Frame.Source, Frame.NewSource), (Frame.Destination, Frame.NewDestination));
        _code.Store(Width.Eight, Stack, Frame.AddressDifference, R3);
        Difference(R4, (Frame.Ports, Frame.NewPorts));
        _code.Store(Width.Eight, Stack, Frame.PortDifference, R4);

        // The header's sum: addresses here, the TTL below.
        _code.Load(Width.Two, R0, R8, Headers.IpChecksum);
        _code.Do(Xor, R0, ushort.MaxValue);
        _code.Move(R1, R3);
        _code.Do(ShiftRight, R1, 16);
        _code.Do(And, R3, ushort.MaxValue);
        _code.Do(Add, R0, R1);
        _code.Do(Add, R0, R3);
        Fold16(R0, R1);
        _code.Do(Xor, R0, ushort.MaxValue);
        _code.Store(Width.Two, R8, Headers.IpChecksum, R0);
        _code.Load(Width.Eight, R0, Stack, Frame.NewSource);
        _code.Store(Width.Eight, R8, Headers.Source, R0);
        _code.Load(Width.Four, R0, Stack, Frame.NewPorts);
        _code.Store(Width.Four, R8, Headers.Transport, R0);
        Leave();

        _code.Load(Width.Four, R0, Stack, Frame.Protocol);
        _code.JumpIf(R0, Equal, IpProtocol.Udp, udp);
        Follow(Headers.TcpChecksum, Frame.AddressDifference, OfPseudoHeader);
        _code.Load(Width.Eight, R0, Stack, Frame.PortDifference);
        _code.JumpIf32(R0, Equal, Unchanged, samePorts);
        Follow(Headers.TcpChecksum, Frame.PortDifference, 0);
        _code.Jump(samePorts);

        _code.Place(udp);
        Follow(Headers.UdpChecksum, Frame.AddressDifference, OfPseudoHeader | ZeroIsNone);
        _code.Load(Width.Eight, R0, Stack, Frame.PortDifference);
        _code.JumpIf32(R0, NotEqual, Unchanged, udpPorts);
        _code.Jump(samePorts);
        _code.Place(udpPorts);
        Follow(Headers.UdpChecksum, Frame.PortDifference, ZeroIsNone);
        _code.Place(samePorts);
        Out();
    }

    // Direct routing ends up here.
    private void Send()
    {
        _code.Place(_send);
        Leave();
        Out();
    }

    // The frame as it leaves: MACs and TTL.
    private void Leave()
    {
        _code.Load(Width.Eight, R0, Stack, Frame.To);
        _code.Store(Width.Four, R8, 0, R0);
        _code.Do(ShiftRight, R0, 32);
        _code.Store(Width.Two, R8, 4, R0);
        _code.Load(Width.Eight, R0, Stack, Frame.From);
        _code.Store(Width.Four, R8, 6, R0);
        _code.Do(ShiftRight, R0, 32);
        _code.Store(Width.Two, R8, 10, R0);

        _code.Load(Width.One, R0, R8, Headers.TimeToLive);
        _code.Do(Subtract, R0, 1);
        _code.Store(Width.One, R8, Headers.TimeToLive, R0);
        // The TTL is the low octet of its pair as loaded: one less there adds the complement of one to the sum.
        _code.Load(Width.Two, R0, R8, Headers.IpChecksum);
        _code.Do(Xor, R0, ushort.MaxValue);
        _code.Do(Add, R0, 0xFFFE);
        Fold16(R0, R1);
        _code.Do(Xor, R0, ushort.MaxValue);
        _code.Store(Width.Two, R8, Headers.IpChecksum, R0);
    }

    private void Out()
    {
        Label whole = _code.NewLabel();
        _code.Do(Add, R9, Headers.Ip);
        _code.Load(Width.Four, R0, R6, SocketBuffer.Length);
        _code.JumpIf(R0, Equal, R9, whole);
        _code.Move(R1, R6);
        _code.Move(R2, R9);
        _code.Set(R3, 0);
        _code.Call(Function.ChangeTail);
        _code.Place(whole);
        _code.Load(Width.Four, R1, Stack, Frame.Device);
        _code.Set(R2, 0);
        _code.Call(Function.Redirect);
        _code.Exit();
    }

    // So many bytes from the start of the frame can be read and written, and R8 points to them. Mostly they lie there; if not, they are
    // brought.
    private void Reach(int bytes)
    {
        Label there = _code.NewLabel();
        Point(bytes);
        _code.JumpIf(R1, BelowOrEqual, R2, there);
        _code.Move(R1, R6);
        _code.Set(R2, bytes);
        _code.Call(Function.PullData);
        Point(bytes);
        _code.JumpIf(R1, Above, R2, _slow);
        _code.Place(there);
    }

    private void Point(int bytes)
    {
        _code.Load(Width.Four, R8, R6, SocketBuffer.Data);
        _code.Load(Width.Four, R2, R6, SocketBuffer.DataEnd);
        _code.Move(R1, R8);
        _code.Do(Add, R1, bytes);
    }

    // R1 and R2 have the frame's destination.
    private void MatchMac(MacAddress mac, Label same, Label differs)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        mac.Write(bytes);
        _code.JumpIf32(R1, NotEqual, BinaryPrimitives.ReadUInt32LittleEndian(bytes), differs);
        _code.JumpIf(R2, Equal, BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]), same);
        if (differs == _slow)
            _code.Jump(_slow);
    }

    private const int OfPseudoHeader = 0x10; // BPF_F_PSEUDO_HDR
    private const int ZeroIsNone = 0x20; // BPF_F_MARK_MANGLED_0

    // What Difference makes of equal words.
    private const uint Unchanged = uint.MaxValue;

    private void Follow(int checksum, int difference, int flags)
    {
        _code.Move(R1, R6);
        _code.Set(R2, checksum);
        _code.Set(R3, 0);
        _code.Load(Width.Four, R4, Stack, difference);
        _code.Set(R5, flags);
        _code.Call(Function.ReplaceTransportChecksum);
    }

    // to = sum of the new words and of the complements of the old ones, as 32 bits with the carries added at the end. R0, R1 and R2 are lost.
    private void Difference(Register to, params ReadOnlySpan<(int Old, int New)> words)
    {
        _code.Set(to, 0);
        foreach ((int before, int after) in words)
        {
            _code.Load(Width.Four, R0, Stack, before);
            _code.Do32(Xor, R0, -1);
            _code.Do(Add, to, R0);
            _code.Load(Width.Four, R0, Stack, after);
            _code.Do(Add, to, R0);
        }
        Fold32(to, R1);
        Fold32(to, R1);
    }

    // The upper 32 bits added to the lower ones.
    private void Fold32(Register sum, Register scratch)
    {
        _code.Move(scratch, sum);
        _code.Do(ShiftRight, scratch, 32);
        _code.Do32(Move, sum, sum);
        _code.Do(Add, sum, scratch);
    }

    // Of at most 32 bits and a carry, to 16.
    private void Fold16(Register sum, Register scratch)
    {
        for (int i = 0; i < 3; i++)
        {
            _code.Move(scratch, sum);
            _code.Do(ShiftRight, scratch, 16);
            _code.Do(And, sum, ushort.MaxValue);
            _code.Do(Add, sum, scratch);
        }
    }
}
