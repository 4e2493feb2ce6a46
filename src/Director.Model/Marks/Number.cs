using System.Globalization;

namespace Director.Model;

/// <summary>
/// Numbers as iptables takes them, decimal or <c>0x</c> hexadecimal. Leading zeros are refused: iptables takes 010 for 8, people for 10.
/// </summary>
internal static class Number
{
    public static bool TryParse(string text, uint most, out uint number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number) && number <= most
            : TryParseDecimal(text, most, out number);

    public static bool TryParseDecimal(string text, uint most, out uint number)
    {
        number = 0;
        return !(text.Length > 1 && text[0] == '0')
            && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= most;
    }
}
