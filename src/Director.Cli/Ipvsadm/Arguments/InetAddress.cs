using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>
/// IPv4 addresses as inet_aton(3) reads them: one to four parts, the last fills what remains (<c>10.2.0</c> is 10.2.0.0), each
/// decimal, octal (<c>010</c>) or hexadecimal (<c>0x0a</c>); what follows a blank is ignored.
/// </summary>
internal static class InetAddress
{
    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t\n\v\f\r");

    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        int end = text.AsSpan().IndexOfAny(Blanks);
        string[] parts = (end < 0 ? text : text[..end]).Split('.');
        if (parts.Length > 4)
            return false;
        uint value = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            bool last = i == parts.Length - 1;
            // 3 parts before the last are a byte each; the last has the rest: 32, 24, 16 or 8 bits.
            ulong most = last ? (1UL << (32 - (8 * i))) - 1 : byte.MaxValue;
            if (!TryParsePart(parts[i], out ulong part) || part > most)
                return false;
            value |= (uint)part << (last ? 0 : 24 - (8 * i));
        }
        address = new IPAddress([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
        return true;
    }

    private static bool TryParsePart(string text, out ulong number)
    {
        number = 0;
        if (text.Length == 0 || !char.IsAsciiDigit(text[0]))
            return false;
        bool hexadecimal = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        uint numberBase = hexadecimal ? 16u : text[0] == '0' ? 8u : 10u;
        foreach (char c in hexadecimal ? text.AsSpan(2) : text)
        {
            uint digit = char.IsAsciiHexDigit(c) ? (uint)Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= numberBase)
                return false;
            number = (number * numberBase) + digit;
            if (number > uint.MaxValue)
                return false;
        }
        return !hexadecimal || text.Length > 2;
    }
}
