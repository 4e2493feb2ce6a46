using System.Buffers.Binary;
using Director.Dataplane.Wire;
using static Director.Dataplane.Linux.Bpf.Condition;
using static Director.Dataplane.Linux.Bpf.Operation;
using static Director.Dataplane.Linux.Bpf.Register;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>
/// The first step of the <see cref="FastPathProgram"/>. Everything odd goes the slow way: VLAN tags, other MACs, IP options, fragments,
/// a wrong header sum, a TTL that ends here, TCP flags but ACK, lengths that do not fit, UDP without a checksum (which has to be
/// computed).
/// </summary>
internal sealed class PacketParser(Assembler code, FastPathPlan plan, FlowSearch search, Label slow)
{
    /// <summary>Afterwards R8 is the packet, R9 the length of the IP packet, R0 the hash's constant of its protocol.</summary>
    public void Write()
    {
        Label parsed = code.NewLabel(), ours = code.NewLabel(), other = code.NewLabel(), udp = code.NewLabel();
        code.Load(Width.Four, R0, R6, SocketBuffer.VlanPresent);
        code.JumpIf(R0, NotEqual, 0, slow);
        Reach(Headers.BehindUdp);

        code.Load(Width.Four, R1, R8, 0);
        code.Load(Width.Two, R2, R8, 4);
        MatchMac(plan.EngineMac, ours, other);
        code.Place(other);
        MatchMac(plan.InterfaceMac, ours, slow);
        code.Place(ours);

        code.Load(Width.Two, R0, R8, Headers.EtherType);
        code.JumpIf(R0, NotEqual, BinaryPrimitives.ReverseEndianness(EtherType.Ipv4), slow);
        code.Load(Width.One, R0, R8, Headers.VersionAndLength);
        code.JumpIf(R0, NotEqual, Headers.Version4WithoutOptions, slow);
        code.Load(Width.Two, R0, R8, Headers.Fragment);
        code.JumpIf(R0, AnyBit, Headers.NotDontFragment, slow);
        code.Load(Width.One, R0, R8, Headers.TimeToLive);
        code.JumpIf(R0, BelowOrEqual, 1, slow);

        // The header's sum is right (RFC 1812 section 5.2.2): its words add up to all ones.
        code.Set(R0, 0);
        for (int word = 0; word < Headers.Transport - Headers.Ip; word += 4)
        {
            code.Load(Width.Four, R1, R8, Headers.Ip + word);
            code.Do(Add, R0, R1);
        }
        InternetSum.Fold32(code, R0, R1);
        InternetSum.Fold16(code, R0, R1);
        code.JumpIf(R0, NotEqual, ushort.MaxValue, slow);

        // The IP packet ends within the frame; what pads it there is cut off at the end.
        code.Load(Width.Two, R9, R8, Headers.TotalLength);
        code.Swap16(R9);
        code.Load(Width.Four, R0, R6, SocketBuffer.Length);
        code.Do(Subtract, R0, Headers.Ip);
        code.JumpIf(R9, Above, R0, slow);

        code.Load(Width.One, R0, R8, Headers.Protocol);
        code.Store(Width.Four, Stack, Variables.Protocol, R0);
        code.JumpIf(R0, Equal, IpProtocol.Udp, udp);
        code.JumpIf(R0, NotEqual, IpProtocol.Tcp, slow);

        // TCP: the header is whole, ACK and neither SYN, FIN nor RST.
        Reach(Headers.BehindTcp);
        code.Load(Width.One, R0, R8, Headers.TcpFlags);
        code.Do(And, R0, Headers.SynFinRstAck);
        code.JumpIf(R0, NotEqual, Headers.Ack, slow);
        code.Load(Width.One, R0, R8, Headers.TcpDataOffset);
        code.Do(ShiftRight, R0, 4);
        code.Do(ShiftLeft, R0, 2);
        code.JumpIf(R0, Below, Headers.BehindTcp - Headers.Transport, slow);
        code.Do(Add, R0, Headers.Transport - Headers.Ip);
        code.Store(Width.Four, Stack, Variables.HeaderLength, R0);
        code.JumpIf(R0, Above, R9, slow);
        code.SetWide(R0, search.ConstantOf(IpProtocol.Tcp));
        code.Jump(parsed);

        code.Place(udp);
        code.StoreValue(Width.Four, Stack, Variables.HeaderLength, Headers.BehindUdp - Headers.Ip);
        code.Load(Width.Two, R0, R8, Headers.UdpLength);
        code.Swap16(R0);
        code.Do(Add, R0, Headers.Transport - Headers.Ip);
        code.JumpIf(R0, NotEqual, R9, slow);
        code.JumpIf(R9, Below, Headers.BehindUdp - Headers.Ip, slow);
        code.Load(Width.Two, R0, R8, Headers.UdpChecksum);
        code.JumpIf(R0, Equal, 0, slow);
        code.SetWide(R0, search.ConstantOf(IpProtocol.Udp));
        code.Place(parsed);
    }

    // So many bytes from the start of the frame can be read and written, and R8 points to them. Mostly they lie there; if not, they are
    // brought.
    private void Reach(int bytes)
    {
        Label there = code.NewLabel();
        Point(bytes);
        code.JumpIf(R1, BelowOrEqual, R2, there);
        code.Move(R1, R6);
        code.Set(R2, bytes);
        code.Call(Function.PullData);
        Point(bytes);
        code.JumpIf(R1, Above, R2, slow);
        code.Place(there);
    }

    private void Point(int bytes)
    {
        code.Load(Width.Four, R8, R6, SocketBuffer.Data);
        code.Load(Width.Four, R2, R6, SocketBuffer.DataEnd);
        code.Move(R1, R8);
        code.Do(Add, R1, bytes);
    }

    // R1 and R2 have the frame's destination.
    private void MatchMac(MacAddress mac, Label same, Label differs)
    {
        Span<byte> bytes = stackalloc byte[MacAddress.Length];
        mac.Write(bytes);
        code.JumpIf32(R1, NotEqual, BinaryPrimitives.ReadUInt32LittleEndian(bytes), differs);
        code.JumpIf(R2, Equal, BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]), same);
        if (differs == slow)
            code.Jump(slow);
    }
}
