using System.Buffers.Binary;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// An IPv6 packet read once more, slowly: first all its headers, then the rules, one by one. What the fast walk is measured against.
/// </summary>
internal sealed record Ipv6Reading(byte Protocol, int HeaderLength, int TotalLength, int FragmentAt)
{
    private sealed record Header(byte Kind, int At, int Length);

    /// <summary>Null: to be refused. FragmentAt is -1 without a fragment header.</summary>
    /// <param name="bytes">From the IPv6 header on.</param>
    /// <param name="quoted">It may be cut off, but needs 8 bytes of the transport header.</param>
    public static Ipv6Reading? Of(ReadOnlySpan<byte> bytes, bool quoted)
    {
        if (bytes.Length < 40 || bytes[0] >> 4 != 6 || IsMapped(bytes[8..24]) || IsMapped(bytes[24..40]))
            return null;
        int total = 40 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (!quoted && total > bytes.Length)
            return null;
        ReadOnlySpan<byte> packet = bytes[..Math.Min(total, bytes.Length)];
        if (Headers(packet, out byte protocol, out int length) is not { } headers)
            return null;
        if (headers.Count > 8 || headers.Skip(1).Any(header => header.Kind == 0) || headers.Count(header => header.Kind == 44) > 1)
            return null;
        foreach (Header header in headers)
        {
            if (header.Kind == 43 && packet[header.At + 2] == 0)
                return null;
            if (header.Kind == 44 && !CanBeFragment(packet[header.At..], header.At - 40, total - header.At - 8))
                return null;
        }
        if (quoted && packet.Length < length + 8)
            return null;
        return new Ipv6Reading(protocol, length, total, headers.Find(header => header.Kind == 44)?.At ?? -1);
    }

    private static List<Header>? Headers(ReadOnlySpan<byte> packet, out byte protocol, out int length)
    {
        List<Header> headers = [];
        (protocol, length) = (packet[6], 40);
        while (protocol is 0 or 43 or 44 or 51 or 60)
        {
            if (length + 8 > packet.Length)
                return null;
            int unit = protocol == 51 ? 4 : 8;
            Header header = new(protocol, length, protocol == 44 ? 8 : 8 + packet[length + 1] * unit);
            headers.Add(header);
            (protocol, length) = (packet[length], length + header.Length);
            if (length > packet.Length)
                return null;
            if (header.Kind == 44 && Offset(packet[header.At..]) > 0)
                break;
        }
        return headers;
    }

    private static int Offset(ReadOnlySpan<byte> fragment) => BinaryPrimitives.ReadUInt16BigEndian(fragment[2..]) / 8 * 8;

    private static bool CanBeFragment(ReadOnlySpan<byte> fragment, int inFront, int data)
    {
        bool more = fragment[3] % 2 == 1;
        return (!more || data % 8 == 0) && inFront + Offset(fragment) + data <= 65535;
    }

    private static bool IsMapped(ReadOnlySpan<byte> address) =>
        !address[..10].ContainsAnyExcept((byte)0) && address[10] == 0xFF && address[11] == 0xFF;
}
