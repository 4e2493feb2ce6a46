using System.Net;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>
/// Addresses of a rule: those with the bits of <paramref name="Network"/> where <paramref name="Mask"/> has ones. A mask need not be
/// a prefix (<c>10.0.5.0/255.0.255.0</c>); both are of one family, and an address of the other family never matches, negated or not.
/// </summary>
public sealed record AddressMatch(IPAddress Network, IPAddress Mask, bool Negated)
{
    /// <summary>0..32 or 0..128; -1 if the mask is no prefix.</summary>
    public int PrefixLength { get; } = LengthOf(Mask);

    public bool IsHost => PrefixLength == Network.GetAddressBytes().Length * 8;

    public override string ToString() => IsHost ? $"{Network}"
        : PrefixLength >= 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Network}/{PrefixLength}")
        : $"{Network}/{Mask}";

    /// <summary>Reads <c>ADDRESS[/PREFIX|/MASK]</c>; bits of the address outside of the mask are dropped, as iptables does.</summary>
    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    internal static AddressMatch Parse(string text, bool negated)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        IPAddress address = ParseAddress(slash < 0 ? text : text[..slash], isNetwork: slash >= 0);
        byte[] mask = slash < 0 ? Ones(address, address.GetAddressBytes().Length * 8) : ParseMask(address, text[(slash + 1)..]);
        byte[] network = address.GetAddressBytes();
        for (int i = 0; i < network.Length; i++)
            network[i] &= mask[i];
        return new AddressMatch(new IPAddress(network), new IPAddress(mask), negated);
    }

    private static IPAddress ParseAddress(string text, bool isNetwork)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            if (text.AsSpan().IndexOfAny("%[]") >= 0 || !IPAddress.TryParse(text, out IPAddress? six))
                throw NoAddress(text);
            return six.IsIPv4MappedToIPv6 ? throw new MarkSyntaxException($"'{text}' is never in a packet: write the IPv4 address") : six;
        }
        string[] numbers = text.Split('.');
        byte[] bytes = new byte[4];
        if (numbers.Length > bytes.Length)
            throw NoAddress(text);
        for (int i = 0; i < numbers.Length; i++)
        {
            // 010 is 8 to iptables and 10 to people: neither is guessed.
            if (!Number.TryParseDecimal(numbers[i], byte.MaxValue, out uint number))
                throw NoAddress(text);
            bytes[i] = (byte)number;
        }
        // 10/8 is the network 10.0.0.0/8; a host has all four.
        return numbers.Length == bytes.Length || isNetwork ? new IPAddress(bytes) : throw NoAddress(text);
    }

    private static byte[] ParseMask(IPAddress address, string text)
    {
        int bits = address.GetAddressBytes().Length * 8;
        if (Number.TryParseDecimal(text, (uint)bits, out uint length))
            return Ones(address, (int)length);
        bool dotted = address.AddressFamily == AddressFamily.InterNetwork;
        try
        {
            if (text.Contains(dotted ? '.' : ':', StringComparison.Ordinal) && ParseAddress(text, isNetwork: false) is var mask
                && mask.AddressFamily == address.AddressFamily)
            {
                return mask.GetAddressBytes();
            }
        }
        catch (MarkSyntaxException)
        {
            // Said below, with what was expected.
        }
        throw new MarkSyntaxException($"'{text}' is not a mask: a prefix length from 0 to {bits}, or a mask like {(dotted ? "255.255.0.0" : "ffff:ffff::")}");
    }

    private static byte[] Ones(IPAddress address, int count)
    {
        byte[] mask = new byte[address.GetAddressBytes().Length];
        for (int bit = 0; bit < count; bit++)
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return mask;
    }

    private static int LengthOf(IPAddress mask)
    {
        byte[] bytes = mask.GetAddressBytes();
        int length = bytes.Sum(each => System.Numerics.BitOperations.PopCount(each));
        return bytes.AsSpan().SequenceEqual(Ones(mask, length)) ? length : -1;
    }

    private static MarkSyntaxException NoAddress(string text) =>
        new($"'{text}' is not an address (10.1.0.100, 10.1.0.0/16, fd00::/64); names are not looked up");
}
