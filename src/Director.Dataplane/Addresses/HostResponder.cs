using System.Buffers.Binary;
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
        if (!MayAnswer(now))
            return DropReason.AnswerRateLimited;
        _ = TcpHeader.TryParse(packet.Ip.Payload, out TcpHeader tcp, out _);

        Span<byte> wire = Begin(packet.Ip.Destination, packet.Ip.Source, IpProtocol.Tcp, TcpHeader.MinimumLength, out Span<byte> segment);
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
        SendBack(packet, wire);
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
        if (!MayAnswer(now))
            return DropReason.AnswerRateLimited;

        const uint nextHeaderAt = 6;
        (byte type, byte code) = packet.Ip.IsIpv4 ? IcmpProblems.OfIpv4(problem) : IcmpProblems.OfIpv6(problem);
        uint rest = problem == IcmpProblem.TooBig ? (uint)mtu
            : problem == IcmpProblem.ProtocolUnreachable && !packet.Ip.IsIpv4 ? nextHeaderAt
            : 0;
        SendBack(packet, ComposeError(packet.Ip.Packet, source, packet.Ip.Source, type, code, rest));
        return because;
    }

    /// <summary>Whether the rate limit lets one more RST or error pass, which then counts.</summary>
    public bool MayAnswer(long now) => _limit.TryTake(now);

    /// <summary>A frame with an ICMP or ICMPv6 error; its MAC addresses are the caller's to fill in.</summary>
    /// <param name="about">The packet, or as much of it as there is.</param>
    /// <param name="source">Of the error.</param>
    /// <param name="destination">Of the error: the packet's sender, of the packet's family.</param>
    /// <param name="rest">The message's second word: an MTU or a pointer, where there is one.</param>
    public Span<byte> ComposeError(ReadOnlySpan<byte> about, IpAddress source, IpAddress destination, byte type, byte code, uint rest)
    {
        bool ipv4 = destination.IsIpv4;
        int longest = ipv4 ? LongestError - Ipv4Header.MinimumLength : Ipv6Header.MinimumMtu - Ipv6Header.MinimumLength;
        int quoted = Math.Min(about.Length, longest - IcmpHeader.HeaderLength);
        Span<byte> wire = Begin(
            source, destination, ipv4 ? IpProtocol.Icmp : IpProtocol.Icmpv6, IcmpHeader.HeaderLength + quoted, out Span<byte> message);
        about[..quoted].CopyTo(message[IcmpHeader.HeaderLength..]);
        IcmpHeader.Write(message, type, code);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], rest);
        if (ipv4 && IcmpHeader.TryParse(message, out IcmpHeader v4, out _))
            v4.RecomputeChecksum();
        else if (Icmpv6Header.TryParse(message, out Icmpv6Header v6, out _))
            v6.RecomputeChecksum(source, destination);
        return wire;
    }

    private static bool IsIcmpError(in Packet packet) =>
        packet.Ip.IsIcmp && (!IcmpMessage.TryParse(packet.Ip, out IcmpMessage message, out _) || message.IsError);

    private void SendBack(in Packet packet, Span<byte> wire)
    {
        _ = EthernetHeader.TryParse(wire[VirtioNetHeader.Length..], out EthernetHeader ethernet, out _);
        ethernet.Destination = packet.Ethernet.Source;
        ethernet.Source = packet.Frame.Arrived.AnswerMac;
        counters.Answered++;
        output.Send(packet.Frame.Arrived, wire);
    }

    // Room for an answer with as long a payload, its IP header written, and its Ethernet header but for the addresses.
    private Span<byte> Begin(IpAddress source, IpAddress destination, byte protocol, int payloadLength, out Span<byte> payload)
    {
        bool ipv4 = destination.IsIpv4;
        int header = ipv4 ? Ipv4Header.MinimumLength : Ipv6Header.MinimumLength;
        int length = header + payloadLength;
        Span<byte> wire = output.Reserve(EthernetHeader.Length + length);
        EthernetHeader.Write(wire[VirtioNetHeader.Length..], default, default, ipv4 ? EtherType.Ipv4 : EtherType.Ipv6);
        Span<byte> ip = wire[(VirtioNetHeader.Length + EthernetHeader.Length)..];
        if (ipv4)
            WriteHeader(ip, length, protocol, source.Ipv4, destination.Ipv4);
        else
            Ipv6Header.Write(ip, length, protocol, source, destination);
        payload = ip[header..length];
        return wire;
    }

    // Errors may be fragmented, and so need an identification; a RST is too small for that.
    private void WriteHeader(Span<byte> ip, int length, byte protocol, uint source, uint destination)
    {
        if (protocol == IpProtocol.Icmp)
            Ipv4Header.Write(ip, length, protocol, source, destination, tos: ErrorTypeOfService, id: ++_identification, dontFragment: false);
        else
            Ipv4Header.Write(ip, length, protocol, source, destination);
    }
}
