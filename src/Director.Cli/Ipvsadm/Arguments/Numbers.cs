using System.Globalization;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>Numbers as strtol(3) in base 10 reads them: leading blanks and a sign are fine, anything after the digits is not.</summary>
internal static class Numbers
{
    public static bool TryParse(string text, long least, long most, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
        && number >= least && number <= most;

    /// <exception cref="UsageException">With <paramref name="complaint"/>.</exception>
    public static long Parse(string text, long least, long most, string complaint) =>
        TryParse(text, least, most, out long number) ? number : throw new UsageException(complaint);

    /// <summary>As atoi(3): the number that the text begins with, else 0.</summary>
    public static int Leading(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().TrimStart();
        int length = rest.Length > 0 && rest[0] is '-' or '+' ? 1 : 0;
        while (length < rest.Length && char.IsAsciiDigit(rest[length]))
            length++;
        return int.TryParse(rest[..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : 0;
    }
}
