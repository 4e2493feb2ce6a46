using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>What solicitations and advertisements have in common (RFC 4861 sections 4.3, 4.4 and 7.1).</summary>
internal static class NeighborMessage
{
    /// <summary>Without options.</summary>
    public const int MinimumLength = 24;

    public const int FlagsAt = 4;
    public const int TargetAt = 8;

    /// <summary>Options of type 1 and 2, for Ethernet.</summary>
    public const int LinkLayerOptionLength = 8;
    public const byte SourceLinkLayerAddress = 1;
    public const byte TargetLinkLayerAddress = 2;

    /// <summary>No router was in between.</summary>
    public const byte HopLimit = 255;

    /// <summary>What sections 7.1.1 and 7.1.2 ask of both: a receiver ignores what does not meet it.</summary>
    public static bool TryParse(Ipv6Header packet, byte type, out Span<byte> message, out DropReason reason)
    {
        message = packet.Payload;
        if (!Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out reason))
            return false;
        // With a fragment header, even an atomic fragment's, such messages are ignored (RFC 6980 section 5); and nobody is a group
        // (RFC 4291 section 2.7), so that no answer goes to one.
        if (packet.Protocol != IpProtocol.Icmpv6 || packet.HasFragmentHeader || packet.TimeToLive != HopLimit
            || icmp.Type != type || icmp.Code != 0 || message.Length < MinimumLength || packet.Source.IsMulticast)
        {
            reason = DropReason.NeighbourDiscoveryInvalid;
        }
        else if (!icmp.ChecksumIsValid(packet.Source, packet.Destination))
        {
            reason = DropReason.IcmpChecksumInvalid;
        }
        // The second as for the packet's own addresses: a mapped one would be taken for the IPv4 address.
        else if (Target(message) is { IsMulticast: true } or { IsIpv4: true })
        {
            reason = DropReason.NeighbourDiscoveryInvalid;
        }
        return reason == DropReason.None;
    }

    public static IpAddress Target(ReadOnlySpan<byte> message) => IpAddress.Read(message.Slice(TargetAt, IpAddress.Ipv6Length));

    /// <summary>
    /// Walks the options, each of them a type, a length in units of 8 bytes and what it says, and reads the first of one type. False:
    /// one has length 0 or ends beyond the message, or the address is not Ethernet's; then all of it is ignored (section 4.6).
    /// </summary>
    public static bool TryFindLinkLayerAddress(ReadOnlySpan<byte> message, byte type, out MacAddress? address)
    {
        address = null;
        ReadOnlySpan<byte> options = message[MinimumLength..];
        while (!options.IsEmpty)
        {
            int length = options.Length > 1 ? options[1] * 8 : 0;
            if (length == 0 || length > options.Length)
                return false;
            if (options[0] == type && length != LinkLayerOptionLength)
                return false;
            if (options[0] == type)
                address ??= MacAddress.Read(options[2..]);
            options = options[length..];
        }
        return true;
    }

    /// <summary>Writes a whole packet, with one link-layer address option or, for a type of 0, with none.</summary>
    public static void Write(
        Span<byte> buffer, byte type, uint flags, IpAddress source, IpAddress destination, IpAddress target,
        byte optionType = 0, MacAddress optionAddress = default)
    {
        int length = MinimumLength + (optionType == 0 ? 0 : LinkLayerOptionLength);
        Ipv6Header.Write(
            buffer, Ipv6Header.MinimumLength + length, IpProtocol.Icmpv6, source, destination, HopLimit);
        Span<byte> message = buffer.Slice(Ipv6Header.MinimumLength, length);
        Icmpv6Header.Write(message, type, code: 0);
        BinaryPrimitives.WriteUInt32BigEndian(message[FlagsAt..], flags);
        target.Write(message[TargetAt..]);
        if (optionType != 0)
        {
            Span<byte> option = message[MinimumLength..];
            option[0] = optionType;
            option[1] = LinkLayerOptionLength / 8;
            optionAddress.Write(option[2..]);
        }
        _ = Icmpv6Header.TryParse(message, out Icmpv6Header icmp, out _);
        icmp.RecomputeChecksum(source, destination);
    }
}
