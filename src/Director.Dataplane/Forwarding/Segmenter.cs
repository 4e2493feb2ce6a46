using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Cuts a super-frame's packet (segmentation offload of TCP or UDP, over IPv4 or IPv6) into the packets that a card would send in its
/// place: for what no card is asked to cut, above all packets that go into a tunnel.
/// <code>
///   var segments = new Segmenter(packet, transportAt, protocol, segmentSize);
///   while (segments.MoveNext())
///       segments.Write(output.Reserve(segments.Length));
/// </code>
/// Sequence numbers and IPv4 identifications count up; FIN and PSH are the last segment's, CWR the first one's (RFC 3168 section 6.1.2);
/// all checksums are complete. Only UDP without a checksum stays without.
/// </summary>
public ref struct Segmenter
{
    private const int TcpChecksum = 16;
    private const int UdpChecksum = 6;
    private const TcpFlags OnlyFirst = TcpFlags.Cwr;
    private const TcpFlags OnlyLast = TcpFlags.Fin | TcpFlags.Psh;

    private readonly ReadOnlySpan<byte> _packet;
    private readonly int _transport;
    private readonly int _headers;
    private readonly int _size;
    private readonly bool _tcp;
    private readonly IpAddress _source;
    private readonly IpAddress _destination;
    private int _index;
    private int _at;

    /// <param name="packet">From the IP header to the payload's end; parsed before.</param>
    /// <param name="transportAt">Where the TCP or UDP header starts: behind IPv4 options or IPv6 extension headers.</param>
    /// <param name="protocol"><see cref="IpProtocol.Tcp"/> or <see cref="IpProtocol.Udp"/>.</param>
    /// <param name="segmentSize">Payload bytes of each segment, more than 0.</param>
    public Segmenter(ReadOnlySpan<byte> packet, int transportAt, byte protocol, int segmentSize)
    {
        _packet = packet;
        _transport = transportAt;
        _tcp = protocol == IpProtocol.Tcp;
        _headers = transportAt + (_tcp ? (packet[transportAt + 12] >> 4) * 4 : UdpHeader.HeaderLength);
        _size = segmentSize;
        bool ipv4 = packet[0] >> 4 == 4;
        _source = IpAddress.Read(ipv4 ? packet[12..16] : packet[8..24]);
        _destination = IpAddress.Read(ipv4 ? packet[16..20] : packet[24..40]);
        _index = -1;
        _at = -segmentSize;
    }

    /// <summary>How many packets it makes: at least one.</summary>
    public readonly int Count => Math.Max(1, (PayloadLength + _size - 1) / _size);

    /// <summary>Bytes of the present packet, from its IP header on.</summary>
    public readonly int Length => _headers + Math.Min(_size, PayloadLength - _at);

    private readonly int PayloadLength => _packet.Length - _headers;

    private readonly bool IsLast => _at + _size >= PayloadLength;

    public bool MoveNext()
    {
        if (_index >= 0 && IsLast)
            return false;
        _index++;
        _at += _size;
        return true;
    }

    /// <summary>Writes the present packet.</summary>
    /// <param name="packet">Exactly <see cref="Length"/> bytes.</param>
    public readonly void Write(Span<byte> packet)
    {
        _packet[.._headers].CopyTo(packet);
        _packet.Slice(_headers + _at, packet.Length - _headers).CopyTo(packet[_headers..]);
        WriteIpHeader(packet);
        Span<byte> segment = packet[_transport..];
        if (_tcp)
            WriteTcpHeader(segment);
        else
            WriteUdpHeader(segment);
    }

    private readonly void WriteIpHeader(Span<byte> packet)
    {
        if (packet[0] >> 4 != 4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(packet.Length - Ipv6Header.MinimumLength));
            return;
        }
        ushort identification = BinaryPrimitives.ReadUInt16BigEndian(packet[4..]);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)(identification + _index));
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum.Compute(packet[.._transport]));
    }

    private readonly void WriteTcpHeader(Span<byte> segment)
    {
        uint sequence = BinaryPrimitives.ReadUInt32BigEndian(segment[4..]);
        BinaryPrimitives.WriteUInt32BigEndian(segment[4..], sequence + (uint)_at);
        TcpFlags absent = (_index == 0 ? TcpFlags.None : OnlyFirst) | (IsLast ? TcpFlags.None : OnlyLast);
        segment[13] &= (byte)~absent;
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpChecksum..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(segment[TcpChecksum..], Checksum.Transport(_source, _destination, IpProtocol.Tcp, segment));
    }

    private readonly void WriteUdpHeader(Span<byte> segment)
    {
        BinaryPrimitives.WriteUInt16BigEndian(segment[4..], (ushort)segment.Length);
        Span<byte> checksum = segment.Slice(UdpChecksum, sizeof(ushort));
        if (BinaryPrimitives.ReadUInt16BigEndian(checksum) == 0)
            return;
        checksum.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(checksum, Checksum.UdpWire(Checksum.Transport(_source, _destination, IpProtocol.Udp, segment)));
    }
}
