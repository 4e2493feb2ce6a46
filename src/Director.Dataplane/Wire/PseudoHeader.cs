namespace Director.Dataplane.Wire;

/// <summary>
/// What TCP and UDP checksums cover of the IP header (RFC 9293 section 3.1, RFC 768; IPv6: RFC 8200 section 8.1), read from the header
/// itself: both versions have the two addresses one after the other.
/// </summary>
public static class PseudoHeader
{
    /// <summary>A sum for <see cref="Checksum.Compute"/> to start from.</summary>
    /// <param name="packet">Starts with a whole IP header of either version.</param>
    /// <param name="protocol">Of the segment; in IPv6 not always what the header names next.</param>
    /// <param name="length">Of the segment, in bytes.</param>
    public static uint SumOf(ReadOnlySpan<byte> packet, byte protocol, int length)
    {
        ReadOnlySpan<byte> addresses = packet[0] >> 4 == 4 ? packet[12..20] : packet[8..40];
        return (ushort)~Checksum.Compute(addresses) + (uint)protocol + (uint)length;
    }
}
