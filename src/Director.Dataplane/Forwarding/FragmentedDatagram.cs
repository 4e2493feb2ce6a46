using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>What has come of one datagram (RFC 791 section 3.2, RFC 815; RFC 8200 section 4.5). Its memory is taken at the start.</summary>
internal sealed class FragmentedDatagram
{
    // Extension headers that IPv6 repeats in each fragment: nobody sends so many (RFC 8504 section 5.3 lets a node limit them).
    private const int LongestHeaders = 512;
    private const int LargestPayload = ushort.MaxValue;
    private const int Units = (LargestPayload + 7) / 8;

    // Ethernet and IP header of the first fragment; IPv6's as they are without a fragment header.
    private readonly byte[] _headers = new byte[EthernetHeader.Length + LongestHeaders];
    private readonly byte[] _payload = new byte[LargestPayload];

    // One bit for each 8 bytes that have come.
    private readonly ulong[] _come = new ulong[(Units + 63) / 64];
    private IpAddress _source;
    private IpAddress _destination;
    private byte _protocol;

    // 0 until the first fragment has come.
    private int _headerLength;

    // Of the payload; 0 until the last fragment has come.
    private int _length;

    // Bytes of payload that have come, and where the furthest of them ends.
    private int _received;
    private int _end;

    /// <summary>When its first fragment came, in milliseconds.</summary>
    public long Since { get; private set; }

    public uint Identification { get; private set; }

    /// <summary>Fragments that are held.</summary>
    public int Fragments { get; private set; }

    /// <summary>Total length of the largest of them.</summary>
    public int LargestFragment { get; private set; }

    /// <summary>Fragments overlapped: what else comes of it is dropped as well (RFC 5722 section 4).</summary>
    public bool IsRefused { get; private set; }

    public bool IsInUse => Fragments != 0 || IsRefused;

    public bool IsComplete => _headerLength != 0 && _length != 0 && _received == _length;

    /// <summary>In bytes, of the frame that it is put together to.</summary>
    public int FrameLength => EthernetHeader.Length + _headerLength + _length;

    /// <summary>Whether its header can say how long it is: IPv4's counts itself, IPv6's only what comes behind its 40 bytes.</summary>
    public bool Fits(bool ipv4) => (ipv4 ? _headerLength : _headerLength - Ipv6Header.MinimumLength) + _length <= ushort.MaxValue;

    /// <summary>Whether the fragment is of this one. (An IPv6 fragment names what follows it, which differs: it is no part of that.)</summary>
    public bool Holds(in Packet fragment) => Identification == fragment.Ip.Identification && _source == fragment.Ip.Source
        && _destination == fragment.Ip.Destination && _protocol == ProtocolOf(fragment);

    public void Begin(in Packet fragment, long now)
    {
        Array.Clear(_come);
        (Since, _received, _end, _length, _headerLength, LargestFragment) = (now, 0, 0, 0, 0, 0);
        (_source, _destination, _protocol) = (fragment.Ip.Source, fragment.Ip.Destination, ProtocolOf(fragment));
        Identification = fragment.Ip.Identification;
    }

    /// <summary>Its slot is free again.</summary>
    public void End() => (Fragments, IsRefused) = (0, false);

    /// <summary>What has come is given up, and the slot is held against the rest.</summary>
    public void Refuse() => (Fragments, IsRefused) = (0, true);

    /// <summary>False: it contradicts what has come.</summary>
    public bool TryAdd(in Packet fragment)
    {
        ReadOnlySpan<byte> piece = fragment.Ip.Fragmentable;
        int offset = fragment.Ip.FragmentOffset;
        int end = offset + piece.Length;
        bool last = !fragment.Ip.MoreFragments;
        int most = fragment.Ip.IsIpv4 ? LargestPayload - Ipv4Header.MinimumLength : LargestPayload;
        if (IsRefused || piece.IsEmpty || end > most || (!last && (piece.Length & 7) != 0))
            return false;
        if (last ? _length != 0 || end < _end : _length != 0 && end > _length)
            return false;
        if (!TryMark(offset, piece.Length) || (offset == 0 && !TryKeepHeaders(fragment)))
            return false;
        piece.CopyTo(_payload.AsSpan(offset));
        _received += piece.Length;
        _end = Math.Max(_end, end);
        if (last)
            _length = end;
        LargestFragment = Math.Max(LargestFragment, fragment.Ip.TotalLength);
        Fragments++;
        return true;
    }

    /// <summary>The whole datagram, to a buffer of <see cref="FrameLength"/>.</summary>
    public void Write(Span<byte> ethernet, bool ipv4)
    {
        int headers = EthernetHeader.Length + _headerLength;
        _headers.AsSpan(0, headers).CopyTo(ethernet);
        _payload.AsSpan(0, _length).CopyTo(ethernet[headers..]);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        if (!ipv4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(ip[4..], (ushort)(ip.Length - Ipv6Header.MinimumLength));
            return;
        }
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum.Compute(ip[.._headerLength]));
    }

    private static byte ProtocolOf(in Packet fragment) => fragment.Ip.IsIpv4 ? fragment.Ip.Protocol : (byte)0;

    private bool TryKeepHeaders(in Packet first)
    {
        int length = first.Ip.IsIpv4 ? first.Ip.HeaderLength : first.Ip.V6.UnfragmentableLength;
        if (length > LongestHeaders)
            return false;
        first.Frame.Ethernet[..EthernetHeader.Length].CopyTo(_headers);
        Span<byte> ip = _headers.AsSpan(EthernetHeader.Length);
        if (first.Ip.IsIpv4)
            first.Ip.V4.Header.CopyTo(ip);
        else
            first.Ip.V6.CopyUnfragmentable(ip);
        _headerLength = length;
        return true;
    }

    private bool TryMark(int offset, int length)
    {
        for (int unit = offset / 8; unit < (offset + length + 7) / 8; unit++)
        {
            ulong bit = 1ul << (unit & 63);
            if ((_come[unit >> 6] & bit) != 0)
                return false;
            _come[unit >> 6] |= bit;
        }
        return true;
    }
}
