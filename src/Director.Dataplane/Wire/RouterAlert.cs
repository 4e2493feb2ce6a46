namespace Director.Dataplane.Wire;

/// <summary>
/// The hop-by-hop options header that makes routers look at a multicast listener's message (RFC 2711 section 2.1; RFC 3810 section 5):
/// a router alert of value 0.
/// <code>
///    0               8               16              24             31
///   +---------------+---------------+---------------+---------------+
///   |  next header  |   length = 0  |    type = 5   |  2 bytes of   |
///   +---------------+---------------+---------------+---------------+
///   |           value = 0           |  PadN = 1     |  0 bytes of   |
///   +-------------------------------+---------------+---------------+
/// </code>
/// </summary>
internal static class RouterAlert
{
    public const int Length = 8;

    private const byte Pad1 = 0;
    private const byte PadN = 1;
    private const byte Option = 5;

    /// <summary>Writes all 8 bytes.</summary>
    public static void Write(Span<byte> buffer, byte nextHeader) =>
        ((ReadOnlySpan<byte>)[nextHeader, 0, Option, 2, 0, 0, PadN, 0]).CopyTo(buffer);

    /// <summary>Whether the packet's hop-by-hop options hold one, wherever it stands among them.</summary>
    public static bool IsIn(Ipv6Header packet)
    {
        if (packet.NextHeader != IpProtocol.HopByHopOptions)
            return false;
        ReadOnlySpan<byte> options = packet.Packet[Ipv6Header.MinimumLength..];
        options = options[2..((options[1] + 1) * 8)];
        while (options.Length >= 4)
        {
            if (options[0] == Option)
                return options[1] == 2 && options[2] == 0 && options[3] == 0;
            int length = options[0] == Pad1 ? 1 : 2 + options[1];
            options = options[Math.Min(length, options.Length)..];
        }
        return false;
    }
}
