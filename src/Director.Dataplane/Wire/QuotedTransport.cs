using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// What an ICMP error quotes of a TCP, UDP or SCTP header: at least the first 8 bytes, so always the ports, and the checksum if the
/// quote reaches that far (UDP's is at 6, TCP's at 16; SCTP's CRC covers no address and no part of it can be mended here).
/// </summary>
public readonly ref struct QuotedTransport
{
    private readonly Span<byte> _segment;
    private readonly int _checksumAt;

    private QuotedTransport(Span<byte> segment, int checksumAt)
    {
        _segment = segment;
        _checksumAt = checksumAt;
    }

    /// <summary>Setting it owes the checksum, where there is one.</summary>
    public ushort SourcePort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_segment);
        set => BinaryPrimitives.WriteUInt16BigEndian(_segment, value);
    }

    /// <summary>Setting it owes the checksum, where there is one.</summary>
    public ushort DestinationPort
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_segment[2..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_segment[2..], value);
    }

    /// <summary>Quoted far enough, and for UDP not "none".</summary>
    public bool HasChecksum => _checksumAt != 0;

    /// <summary>0 where there is none; setting it then does nothing.</summary>
    public ushort Checksum
    {
        get => HasChecksum ? BinaryPrimitives.ReadUInt16BigEndian(_segment[_checksumAt..]) : (ushort)0;
        set
        {
            if (HasChecksum)
                BinaryPrimitives.WriteUInt16BigEndian(_segment[_checksumAt..], value);
        }
    }

    /// <summary>From the payload of a quoted packet, which must be no later fragment (those have no ports).</summary>
    public static bool TryParse(Ipv4Header quoted, out QuotedTransport transport, out DropReason reason) =>
        TryParse(quoted.Protocol, quoted.FragmentOffset, quoted.Payload, out transport, out reason);

    /// <inheritdoc cref="TryParse(Ipv4Header, out QuotedTransport, out DropReason)"/>
    public static bool TryParse(IpHeader quoted, out QuotedTransport transport, out DropReason reason) =>
        TryParse(quoted.Protocol, quoted.FragmentOffset, quoted.Payload, out transport, out reason);

    /// <inheritdoc cref="TryParse(Ipv4Header, out QuotedTransport, out DropReason)"/>
    public static bool TryParse(Ipv6Header quoted, out QuotedTransport transport, out DropReason reason) =>
        TryParse(quoted.Protocol, quoted.FragmentOffset, quoted.Payload, out transport, out reason);

    private static bool TryParse(
        byte protocol, int fragmentOffset, Span<byte> segment, out QuotedTransport transport, out DropReason reason)
    {
        transport = default;
        if (fragmentOffset != 0 || segment.Length < 8)
        {
            reason = DropReason.IcmpQuoteInvalid;
            return false;
        }
        int checksumAt = protocol switch
        {
            IpProtocol.Tcp when segment.Length >= 18 => 16,
            IpProtocol.Udp when BinaryPrimitives.ReadUInt16BigEndian(segment[6..]) != 0 => 6,
            IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Sctp => 0,
            _ => -1,
        };
        reason = checksumAt >= 0 ? DropReason.None : DropReason.ProtocolUnsupported;
        if (checksumAt >= 0)
            transport = new QuotedTransport(segment, checksumAt);
        return checksumAt >= 0;
    }
}
