using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// Tells routers and switches on the link which groups we listen to: without it, a switch that looks at such reports keeps the
/// neighbour solicitations for our addresses from us. Version 2 (RFC 3810 section 5.2):
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |   type = 143  |    code = 0   |            checksum           |
///   +---------------+---------------+-------------------------------+
///   |               0               |       number of records       |
///   +---------------+---------------+-------------------------------+
///   |  record type  | auxiliary = 0 |     number of sources = 0     |
///   +---------------+---------------+-------------------------------+
///   |                  multicast address (4 words)                  |
///   +---------------------------------------------------------------+
///   |  more records                                                 |
/// </code>
/// It goes with hop limit 1 and a router alert, from a link-local address or, while there is none, from :: (section 5.2.13).
/// </summary>
public static class MulticastListenerReport
{
    /// <summary>What fits a packet of 1280 bytes, which every link carries; more groups go into more reports.</summary>
    public const int MostGroups = (Ipv6Header.MinimumMtu - HeadersLength) / RecordLength;

    /// <summary>Of a whole packet of version 1.</summary>
    public const int Version1Length = Ipv6Header.MinimumLength + RouterAlert.Length + 24;

    private const int RecordLength = 20;
    private const int HeadersLength = Ipv6Header.MinimumLength + RouterAlert.Length + Icmpv6Header.HeaderLength;

    /// <summary>Of the whole packet, for so many groups.</summary>
    public static int Length(int groups) => HeadersLength + (groups * RecordLength);

    /// <summary>
    /// Writes a packet for <see cref="Ipv6Multicast.AllMldv2Routers"/> of <see cref="Length"/> that says the same about each group.
    /// </summary>
    /// <param name="buffer">At least that long.</param>
    /// <param name="source">Link-local or ::.</param>
    /// <param name="state">What is said.</param>
    /// <param name="groups">At most <see cref="MostGroups"/>, each once.</param>
    public static void Write(Span<byte> buffer, IpAddress source, ListenerState state, ReadOnlySpan<IpAddress> groups)
    {
        int length = Length(groups.Length);
        Span<byte> message = Begin(buffer[..length], source, Ipv6Multicast.AllMldv2Routers, Icmpv6Header.ListenerReportVersion2);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], checked((ushort)groups.Length));
        Span<byte> records = message[Icmpv6Header.HeaderLength..];
        foreach (IpAddress group in groups)
        {
            BinaryPrimitives.WriteUInt32BigEndian(records, (uint)state << 24);
            group.Write(records[4..]);
            records = records[RecordLength..];
        }
        Finish(message, source, Ipv6Multicast.AllMldv2Routers);
    }

    /// <summary>
    /// Writes a packet of <see cref="Version1Length"/> for routers that ask in version 1 (RFC 2710): a report goes to the group itself,
    /// and that we leave, to all routers.
    /// </summary>
    /// <param name="buffer">At least that long.</param>
    /// <param name="source">Link-local or ::.</param>
    /// <param name="state">Version 1 knows only whether we leave.</param>
    /// <param name="group">About which it is.</param>
    public static void WriteVersion1(Span<byte> buffer, IpAddress source, ListenerState state, IpAddress group)
    {
        bool leaves = state == ListenerState.Leaves;
        IpAddress destination = leaves ? Ipv6Multicast.AllRouters : group;
        Span<byte> message = Begin(
            buffer[..Version1Length], source, destination, leaves ? Icmpv6Header.ListenerDone : Icmpv6Header.ListenerReport);
        group.Write(message[Icmpv6Header.HeaderLength..]);
        Finish(message, source, destination);
    }

    private static Span<byte> Begin(Span<byte> packet, IpAddress source, IpAddress destination, byte type)
    {
        Ipv6Header.Write(packet, packet.Length, IpProtocol.HopByHopOptions, source, destination, ttl: 1);
        RouterAlert.Write(packet[Ipv6Header.MinimumLength..], IpProtocol.Icmpv6);
        Span<byte> message = packet[(Ipv6Header.MinimumLength + RouterAlert.Length)..];
        Icmpv6Header.Write(message, type, code: 0);
        return message;
    }

    private static void Finish(Span<byte> message, IpAddress source, IpAddress destination)
    {
        _ = Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out _);
        icmp.RecomputeChecksum(source, destination);
    }
}

/// <summary>What a report says about a group that is listened to without sources: the record's type (RFC 3810 section 5.2.12).</summary>
public enum ListenerState : byte
{
    /// <summary>We listen: in answer to a query (MODE_IS_EXCLUDE).</summary>
    Listens = 2,

    /// <summary>We do no longer (CHANGE_TO_INCLUDE_MODE).</summary>
    Leaves = 3,

    /// <summary>We do from now on (CHANGE_TO_EXCLUDE_MODE).</summary>
    Joins = 4,
}
