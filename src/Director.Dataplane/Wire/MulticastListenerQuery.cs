using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A multicast router asks who listens (RFC 2710 section 3 and, from "flags" on, RFC 3810 section 5.1).
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |   type = 130  |    code = 0   |            checksum           |
///   +---------------+---------------+-------------------------------+
///   |     maximum response code     |               0               |
///   +-------------------------------+-------------------------------+
///   |         multicast address, or :: for all (4 words)            |
///   +---------------+---------------+-------------------------------+
///   |     flags     |    interval   |       number of sources       |
///   +---------------+---------------+-------------------------------+
///   |                       sources (4 words each)                  |
/// </code>
/// What matters is that a report is due, on which groups and by when. Our groups are joined without sources, so a query about
/// sources asks for the same.
/// </summary>
public readonly ref struct MulticastListenerQuery
{
    private const int Version1Length = 24;
    private const int Version2Length = 28;

    private MulticastListenerQuery(int version, IpAddress group, int maximumResponseMilliseconds)
    {
        Version = version;
        Group = group;
        MaximumResponseMilliseconds = maximumResponseMilliseconds;
    }

    /// <summary>
    /// 1 or 2, as its length tells (RFC 3810 section 8.1). Who asks in version 1 understands reports of version 1 only.
    /// </summary>
    public int Version { get; }

    /// <summary>:: asks about all groups.</summary>
    public IpAddress Group { get; }

    /// <summary>Within this time, at a random moment, the report is due.</summary>
    public int MaximumResponseMilliseconds { get; }

    /// <summary>Whether who listens to that group owes a report.</summary>
    public bool AsksAbout(IpAddress group) => Group.IsUnspecified || Group == group;

    /// <summary>
    /// From a packet with one. It must come from a neighbour: link-local source, hop limit 1, router alert (RFC 3810 section 6.2).
    /// </summary>
    public static bool TryParse(Ipv6Header packet, out MulticastListenerQuery query, out DropReason reason)
    {
        query = default;
        Span<byte> message = packet.Payload;
        if (!Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out reason))
            return false;
        if (packet.Protocol != IpProtocol.Icmpv6 || packet.IsFragment || icmp.Type != Icmpv6Header.ListenerQuery
            || message.Length is not (Version1Length or >= Version2Length)
            || packet.TimeToLive != 1 || !packet.Source.IsLinkLocal || !RouterAlert.IsIn(packet))
        {
            reason = DropReason.MulticastListenerInvalid;
            return false;
        }
        if (!icmp.ChecksumIsValid(packet.Source, packet.Destination))
        {
            reason = DropReason.IcmpChecksumInvalid;
            return false;
        }
        IpAddress group = IpAddress.Read(message[8..24]);
        if (group.IsIpv4 || !(group.IsUnspecified || group.IsMulticast))
        {
            reason = DropReason.MulticastListenerInvalid;
            return false;
        }
        int version = message.Length == Version1Length ? 1 : 2;
        int code = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        query = new MulticastListenerQuery(version, group, version == 1 ? code : Milliseconds(code));
        return true;
    }

    // RFC 3810 section 5.1.3: from 32768 on, a floating-point number of 3 bits exponent and 12 bits mantissa.
    private static int Milliseconds(int code) =>
        code < 0x8000 ? code : ((code & 0xFFF) | 0x1000) << (((code >> 12) & 7) + 3);
}
