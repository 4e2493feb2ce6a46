using System.Globalization;
using System.Text.RegularExpressions;

namespace Director.Lab.Tests.Harness;

/// <summary>Judges packets as <see cref="Capture.PacketsAsync"/> tells them.</summary>
internal static partial class Packets
{
    /// <summary>
    /// Each is TCP over IPv4 from <paramref name="from"/> to <paramref name="to"/> (with the port, if it matters, behind a dot), with
    /// that TTL and the right checksums; and there are some.
    /// </summary>
    public static void AreTcp(this string[] packets, int ttl, string from, string to)
    {
        string header = string.Create(CultureInfo.InvariantCulture, $@"^IP \(tos 0x0, ttl {ttl}, id \d+, offset 0, flags \[DF\], proto TCP \(6\), length \d+\) ");
        packets.AreAll($@"{header}{End(from)} > {End(to)}: Flags \[[^]]+\], cksum 0x[0-9a-f]+ \(correct\), ");
    }

    /// <summary>Each matches the pattern, and there are some.</summary>
    public static void AreAll(this string[] packets, string pattern)
    {
        Assert.NotEmpty(packets);
        Assert.All(packets, packet => Assert.Matches(pattern, packet));
        // tcpdump says nothing of an IP checksum that is right.
        Assert.All(packets, packet => Assert.DoesNotContain("bad cksum", packet, StringComparison.Ordinal));
    }

    /// <summary>Identification and total length of each, sorted: the same of the same packets in two captures.</summary>
    public static string[] Identities(this IEnumerable<string> packets) =>
        [.. packets.Select(packet => $"{Header().Match(packet).Groups["id"].Value} {LengthOf(packet)}").Order(StringComparer.Ordinal)];

    /// <summary>Waits until the captures together have the very packets that the other one has, whatever was changed in them.</summary>
    public static async Task TogetherSeeAsync(this Capture[] captures, string filter, Capture other, string otherFilter)
    {
        string[] here = [], there = [];
        await Eventually.TrueAsync($"{filter} here are the packets {otherFilter} there", async () =>
        {
            there = (await other.PacketsAsync(otherFilter)).Identities();
            here = (await Task.WhenAll(captures.Select(capture => capture.PacketsAsync(filter)))).SelectMany(packets => packets).Identities();
            return there.Length > 0 && here.SequenceEqual(there);
        }, state: () => Task.FromResult($"missing {string.Join(", ", there.Except(here))}; more {string.Join(", ", here.Except(there))}"));
    }

    /// <summary>Total lengths by the outermost IP header, sorted.</summary>
    public static int[] Lengths(this IEnumerable<string> packets) => [.. packets.Select(LengthOf).Order()];

    private static int LengthOf(string packet) => int.Parse(Header().Match(packet).Groups["length"].ValueSpan, CultureInfo.InvariantCulture);

    // tcpdump writes 10.1.0.2.40000: without a port it may be any.
    private static string End(string end) => Regex.Escape(end) + (end.Count(c => c == '.') == 3 ? @"\.\d+" : "");

    [GeneratedRegex(@"^IP \([^)]*\bid (?<id>\d+),[^)]*\([0-9]+\), length (?<length>\d+)\)")]
    private static partial Regex Header();
}
