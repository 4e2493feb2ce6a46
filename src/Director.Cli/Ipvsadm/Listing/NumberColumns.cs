using System.Globalization;
using System.Text;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>
/// Columns of 9 for counters. Up to 8 digits are shown in full, more in thousands (K), millions (M), ... of 1000, cut and not
/// rounded; with <c>--exact</c> always in full.
/// </summary>
internal static class NumberColumns
{
    /// <summary>Width of a service's address before the numbers.</summary>
    public const int ServiceWidth = 33;

    public static string Format(bool exact, params ReadOnlySpan<ulong> numbers)
    {
        StringBuilder line = new();
        foreach (ulong number in numbers)
            line.Append(exact ? string.Create(CultureInfo.InvariantCulture, $" {number,8}") : Short(number));
        return line.ToString();
    }

    private static string Short(ulong number) => number switch
    {
        < 100_000_000 => Column(number, 9, ""),
        < 1_000_000_000 => Column(number / 1_000, 8, "K"),
        < 100_000_000_000 => Column(number / 1_000_000, 8, "M"),
        < 100_000_000_000_000 => Column(number / 1_000_000_000, 8, "G"),
        _ => Column(number / 1_000_000_000_000, 8, "T"),
    };

    private static string Column(ulong number, int width, string unit) =>
        number.ToString(CultureInfo.InvariantCulture).PadLeft(width) + unit;
}
