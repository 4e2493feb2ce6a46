using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// What a host would answer, for addresses that are the engine's: echo replies (RFC 792, RFC 4443), RST for TCP that belongs to
/// nothing (RFC 9293 section 3.10.7.1), ICMP errors (RFC 1122 section 3.2.2, RFC 1812 section 4.3, RFC 4443 section 2.4). RST and
/// errors share a rate limit. Answers go back the way the packet came: to the frame's sender.
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
        if (!IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out DropReason reason))
            return reason;
        if (!message.ChecksumIsValid())
            return DropReason.IcmpChecksumInvalid;
        IpAddress source = packet.Ip.Source;
        packet.Ip.ReplaceSource(packet.Ip.Destination);
        packet.Ip.ReplaceDestination(source);
        packet.Ip.ReplaceTimeToLive(64);
        message.TurnEcho();
        message.RecomputeChecksum();
        new VirtioNetHeader(packet.Frame.Offload).Clear();
        return DropReason.None;
    }

    /// <summary>RST for a segment that belongs to nothing; nothing for a RST.</summary>
    public DropReason Reset(in Packet packet, long now, DropReason because)
    {
        if ((packet.Flags & TcpFlags.Rst) != 0)
            return because;
        if (!_limit.TryTake(now))
            return DropReason.AnswerRateLimited;
        _ = TcpHeader.TryParse(packet.Ip.Payload, out TcpHeader tcp, out _);

        Span<byte> wire = Begin(packet, packet.Ip.Destination, IpProtocol.Tcp, TcpHeader.MinimumLength, tos: 0, out Span<byte> segment);
        bool acknowledges = (packet.Flags & TcpFlags.Ack) != 0;
        uint consumed = (uint)tcp.Payload.Length + ((packet.Flags & TcpFlags.Syn) != 0 ? 1u : 0) + ((packet.Flags & TcpFlags.Fin) != 0 ? 1u : 0);
        TcpHeader.Write(
            segment,
            packet.Flow.DestinationPort,
            packet.Flow.SourcePort,
            acknowledges ? tcp.AcknowledgmentNumber : 0,
            acknowledges ? 0 : tcp.SequenceNumber + consumed,
            acknowledges ? TcpFlags.Rst : TcpFlags.Rst | TcpFlags.Ack);
        _ = TcpHeader.TryParse(segment, out TcpHeader reset, out _);
        reset.Checksum = Checksum.Transport(packet.Ip.Destination, packet.Ip.Source, IpProtocol.Tcp, segment);
        counters.Answered++;
        output.Send(packet.Frame.Arrived, wire);
        return because;
    }

    /// <summary>
    /// An ICMP error about this packet, from <paramref name="source"/>. Never about an ICMP error, a later fragment, or a
    /// frame that was a broadcast (RFC 1122 section 3.2.2). <paramref name="mtu"/> belongs to <see cref="IcmpProblem.TooBig"/>.
    /// </summary>
    public DropReason Error(in Packet packet, IpAddress source, IcmpProblem problem, long now, DropReason because, int mtu = 0)
    {
        if (packet.Ip.FragmentOffset != 0 || packet.Ethernet.Destination.IsMulticast || IsIcmpError(packet) || source.IsUnspecified)
            return because;
        if (!_limit.TryTake(now))
            return DropReason.AnswerRateLimited;

        bool ipv4 = packet.Ip.IsIpv4;
        int longest = ipv4 ? LongestError - Ipv4Header.MinimumLength : Ipv6Header.MinimumMtu - Ipv6Header.MinimumLength;
        int quoted = Math.Min(packet.Ip.Packet.Length, longest - IcmpHeader.HeaderLength);
        Span<byte> wire = Begin(
            packet, source, ipv4 ? IpProtocol.Icmp : IpProtocol.Icmpv6, IcmpHeader.HeaderLength + quoted, ErrorTypeOfService, out Span<byte> message);
        packet.Ip.Packet[..quoted].CopyTo(message[IcmpHeader.HeaderLength..]);
        if (ipv4)
            WriteError(message, problem, mtu);
        else
            WriteErrorVersion6(message, problem, mtu, source, packet.Ip.Source);
        counters.Answered++;
        output.Send(packet.Frame.Arrived, wire);
        return because;
    }

    private static void WriteError(Span<byte> message, IcmpProblem problem, int mtu)
    {
        (byte type, byte code) = IcmpProblems.OfIpv4(problem);
        IcmpHeader.Write(message, type, code);
        _ = IcmpHeader.TryParse(message, out IcmpHeader icmp, out _);
        icmp.Mtu = (ushort)mtu;
        icmp.RecomputeChecksum();
    }

    private static void WriteErrorVersion6(Span<byte> message, IcmpProblem problem, int mtu, IpAddress source, IpAddress destination)
    {
        const uint nextHeaderAt = 6;
        (byte type, byte code) = IcmpProblems.OfIpv6(problem);
        Icmpv6Header.Write(message, type, code);
        _ = Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out _);
        if (problem == IcmpProblem.TooBig)
            icmp.Mtu = (uint)mtu;
        else if (problem == IcmpProblem.ProtocolUnreachable)
            icmp.Pointer = nextHeaderAt;
        icmp.RecomputeChecksum(source, destination);
    }

    private static bool IsIcmpError(in Packet packet) =>
        packet.Ip.IsIcmp && (!IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out _) || message.IsError);

    // Room for an answer with as long a payload, its Ethernet and IP headers written.
    private Span<byte> Begin(in Packet packet, IpAddress source, byte protocol, int payloadLength, byte tos, out Span<byte> payload)
    {
        int header = packet.Ip.IsIpv4 ? Ipv4Header.MinimumLength : Ipv6Header.MinimumLength;
        int length = header + payloadLength;
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        Span<byte> ethernet = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(
            ethernet, packet.Ethernet.Source, packet.Frame.Arrived.AnswerMac, packet.Ip.IsIpv4 ? EtherType.Ipv4 : EtherType.Ipv6);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        if (packet.Ip.IsIpv4)
            WriteHeader(ip, length, protocol, source.Ipv4, packet.Ip.V4.Source, tos);
        else
            Ipv6Header.Write(ip, length, protocol, source, packet.Ip.Source);
        payload = ip[header..length];
        return wire;
    }

    // Errors may be fragmented, and so need an identification; a RST is too small for that.
    private void WriteHeader(Span<byte> ip, int length, byte protocol, uint source, uint destination, byte tos)
    {
        if (protocol == IpProtocol.Icmp)
            Ipv4Header.Write(ip, length, protocol, source, destination, tos: tos, id: ++_identification, dontFragment: false);
        else
            Ipv4Header.Write(ip, length, protocol, source, destination);
    }
}
