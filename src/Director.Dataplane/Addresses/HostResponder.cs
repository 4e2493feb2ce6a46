using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// What a host would answer, for addresses that are the engine's: echo replies (RFC 792), RST for TCP that belongs to
/// nothing (RFC 9293 section 3.10.7.1), ICMP errors (RFC 1122 section 3.2.2, RFC 1812 section 4.3). RST and errors share a rate limit.
/// Answers go back the way the packet came: to the frame's sender.
/// </summary>
public sealed class HostResponder(IFrameOutput output, PipelineCounters counters)
{
    /// <summary>Linux's own limit for ICMP errors is 1000 a second with bursts of 50.</summary>
    private const int AnswersPerSecond = 1000;

    /// <summary>RFC 1812 section 4.3.2.3: as much of the original as fits in 576 bytes.</summary>
    private const int LongestError = 576;

    /// <summary>Precedence of errors (RFC 1812 section 4.3.2.5: internetwork control).</summary>
    private const byte ErrorTypeOfService = 0xC0;

    private readonly TokenBucket _limit = new(AnswersPerSecond, burst: 200);
    private ushort _identification;

    /// <summary>Makes the reply of an echo request for an owned address, in place. It has to go back where it came from.</summary>
    public static DropReason TurnEcho(ref Packet packet)
    {
        if (!IcmpHeader.TryParse(packet.Ip.Payload, out IcmpHeader icmp, out DropReason reason))
            return reason;
        if (!icmp.ChecksumIsValid())
            return DropReason.IcmpChecksumInvalid;
        icmp.Type = IcmpHeader.EchoReply;
        icmp.RecomputeChecksum();
        new VirtioNetHeader(packet.Frame.Offload).Clear();
        IpAddress source = packet.Ip.Source;
        packet.Ip.ReplaceSource(packet.Ip.Destination);
        packet.Ip.ReplaceDestination(source);
        packet.Ip.ReplaceTimeToLive(64);
        return DropReason.None;
    }

    /// <summary>RST for a segment that belongs to nothing; nothing for a RST.</summary>
    public DropReason Reset(in Packet packet, long now, DropReason because)
    {
        if ((packet.Flags & TcpFlags.Rst) != 0)
            return because;
        if (!MayAnswer(now))
            return DropReason.AnswerRateLimited;
        _ = TcpHeader.TryParse(packet.Ip.Payload, out TcpHeader tcp, out _);

        const int length = Ipv4Header.MinimumLength + TcpHeader.MinimumLength;
        Span<byte> wire = Begin(packet, length, out Span<byte> ip);
        Ipv4Header.Write(ip, length, IpProtocol.Tcp, packet.Ip.V4.Destination, packet.Ip.V4.Source);
        bool acknowledges = (packet.Flags & TcpFlags.Ack) != 0;
        uint consumed = (uint)tcp.Payload.Length + ((packet.Flags & TcpFlags.Syn) != 0 ? 1u : 0) + ((packet.Flags & TcpFlags.Fin) != 0 ? 1u : 0);
        TcpHeader.Write(
            ip[Ipv4Header.MinimumLength..],
            packet.Flow.DestinationPort,
            packet.Flow.SourcePort,
            acknowledges ? tcp.AcknowledgmentNumber : 0,
            acknowledges ? 0 : tcp.SequenceNumber + consumed,
            acknowledges ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack);
        Span<byte> segment = ip[Ipv4Header.MinimumLength..length];
        _ = TcpHeader.TryParse(segment, out TcpHeader reset, out _);
        reset.Checksum = Checksum.Transport(packet.Ip.V4.Destination, packet.Ip.V4.Source, IpProtocol.Tcp, segment);
        counters.Answered++;
        output.Send(packet.Frame.Arrived, wire);
        return because;
    }

    /// <summary>
    /// An ICMP error about this packet, from <paramref name="source"/>. Never about an ICMP error, a later fragment, or a
    /// frame that was a broadcast (RFC 1122 section 3.2.2).
    /// </summary>
    public DropReason Error(in Packet packet, IpAddress source, byte type, byte code, ushort mtu, long now, DropReason because)
    {
        if (packet.Ip.FragmentOffset != 0 || packet.Ethernet.Destination.IsMulticast || IsIcmpError(packet))
            return because;
        if (!MayAnswer(now))
            return DropReason.AnswerRateLimited;

        Span<byte> wire = Compose(packet.Ip.Packet, source, packet.Ip.Source, type, code, mtu);
        EthernetHeader.Write(wire[VirtioNetHeader.Length..], packet.Ethernet.Source, packet.Frame.Arrived.AnswerMac, EtherType.Ipv4);
        counters.Answered++;
        output.Send(packet.Frame.Arrived, wire);
        return because;
    }

    /// <summary>Whether the rate limit lets one more RST or error pass, which then counts.</summary>
    public bool MayAnswer(long now) => _limit.TryTake(now);

    /// <summary>
    /// A frame with an ICMP error about a packet, of which maybe only the start is there; its MAC addresses are the caller's to fill in.
    /// </summary>
    public Span<byte> Compose(ReadOnlySpan<byte> about, IpAddress source, IpAddress destination, byte type, byte code, ushort mtu)
    {
        int quoted = Math.Min(about.Length, LongestError - Ipv4Header.MinimumLength - IcmpHeader.HeaderLength);
        int length = Ipv4Header.MinimumLength + IcmpHeader.HeaderLength + quoted;
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        EthernetHeader.Write(wire[VirtioNetHeader.Length..], default, default, EtherType.Ipv4);
        Span<byte> ip = wire[(VirtioNetHeader.Length + EthernetHeader.Length)..];
        Ipv4Header.Write(ip, length, IpProtocol.Icmp, source.Ipv4, destination.Ipv4, tos: ErrorTypeOfService, id: ++_identification, dontFragment: false);
        Span<byte> message = ip[Ipv4Header.MinimumLength..];
        IcmpHeader.Write(message, type, code);
        about[..quoted].CopyTo(message[IcmpHeader.HeaderLength..]);
        _ = IcmpHeader.TryParse(message, out IcmpHeader icmp, out _);
        icmp.Mtu = mtu;
        icmp.RecomputeChecksum();
        return wire;
    }

    private static bool IsIcmpError(in Packet packet) =>
        packet.Ip.Protocol == IpProtocol.Icmp && (!IcmpHeader.TryParse(packet.Ip.Payload, out IcmpHeader icmp, out _) || icmp.IsError);

    private Span<byte> Begin(in Packet packet, int length, out Span<byte> ip)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        Span<byte> bytes = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(bytes, packet.Ethernet.Source, packet.Frame.Arrived.AnswerMac, EtherType.Ipv4);
        ip = bytes[EthernetHeader.Length..];
        return wire;
    }
}
