using System.Collections.Immutable;
using System.IO.Compression;
using System.Net.Sockets;
using System.Text.Json;

namespace Director.Model.Tests.Marks;

/// <summary>
/// Rules that Debian's iptables 1.8.9 and ip6tables were given (-t mangle -A PREROUTING), whether they took them, and what
/// iptables-save wrote of them: ours takes the same and means the same.
/// </summary>
public sealed class RecordedRulesTests
{
    // Whole rules that iptables takes: what we refuse, and a word of why.
    private static readonly Dictionary<string, string> RefusedOnPurpose = new()
    {
        ["-p udplite -m multiport --dports 9"] = "ports want -p tcp",
        ["-p dccp --dport 9"] = "--dport: wants -p tcp",
        ["6 -p hopopt"] = "'hopopt' is not a protocol",
        ["-p icmpv6"] = "IPv6, but the rule of iptables is IPv4",
        ["-p ipv6-icmp"] = "IPv6, but the rule of iptables is IPv4",
        ["6 -p icmp"] = "IPv4, but the rule of ip6tables is IPv6",
        ["6 -p 1"] = "IPv4, but the rule of ip6tables is IPv6",
        ["6 -d ::ffff:10.0.0.1"] = "never in a packet",
        ["-s 10.1"] = "not an address",
        ["-s 10"] = "not an address",
        ["-s 010.1.0.1"] = "not an address",
        ["-s 0x0a.1.0.1"] = "not an address",
        ["-s localhost"] = "not an address",
        ["! -s 0.0.0.0/0"] = "matches nothing",
        ["6 ! -d ::/0"] = "matches nothing",
        ["! -i +"] = "matches nothing",
        ["-i eth0/1"] = "cannot be the name",
        ["-i 'eth 0'"] = "cannot be the name",
        ["-i -d"] = "wants a value",
        ["-m comment --comment a -m comment --comment b"] = "only once",
        ["-j MARK --set-mark 07"] = "not a mark",
        ["-j MARK --set-mark 010"] = "not a mark",
        ["-j MARK --set-xmark 0/0"] = "changes no mark",
        ["-j MARK --or-mark 0"] = "changes no mark",
        ["-j MARK --and-mark 0xffffffff"] = "changes no mark",
        ["-j ACCEPT"] = "the only target is MARK",
        ["-m state --state NEW"] = "-m: 'state' is not known here",
        ["-m conntrack --ctstate NEW"] = "-m: 'conntrack' is not known here",
        ["-m iprange --dst-range 10.1.0.1-10.1.0.5"] = "-m: 'iprange' is not known here",
        ["-m mark --mark 0x7"] = "-m: 'mark' is not known here",
        ["-m mac --mac-source 02:00:00:00:00:01"] = "-m: 'mac' is not known here",
        ["-m addrtype --dst-type LOCAL"] = "-m: 'addrtype' is not known here",
        ["-p tcp --syn"] = "--syn: not understood here",
        ["-p tcp --tcp-flags SYN,ACK SYN"] = "--tcp-flags: not understood here",
        ["-p icmp --icmp-type 8"] = "--icmp-type: not understood here",
        ["-f"] = "-f: not understood here",
        ["-c 1 2 -p tcp"] = "-c: not understood here",
    };

    // iptables 1.8.9 has a fault there: it takes = with the options of matches only.
    private const string TakenByUs = "--src=10.0.0.1";

    public static TheoryData<int, string> Taken => Select(recorded => recorded.ExitCode == 0 && !RefusedOnPurpose.ContainsKey(recorded.Name));

    public static TheoryData<int, string> Refused => Select(recorded => recorded.ExitCode != 0 && recorded.Name != TakenByUs);

    public static TheoryData<int, string> RefusedByUs => Select(recorded => recorded.ExitCode == 0 && RefusedOnPurpose.ContainsKey(recorded.Name));

    [Theory]
    [MemberData(nameof(Taken))]
    public void What_iptables_takes_means_what_it_saved(int index, string rule)
    {
        RecordedRule recorded = RecordedRule.All[index];
        string[] ours = [.. Parse(recorded.Rule, recorded.Family).Select(each => each.ToString())];
        string[] saved = [.. recorded.Saved.SelectMany(line => Parse(line, recorded.Family)).Select(each => each.ToString())];
        Assert.Equal(saved, ours);
        Assert.True(ours.Length > 0, rule);
        // And what we write means the same again.
        Assert.Equal(ours, ours.SelectMany(line => Parse(line, null)).Select(each => each.ToString()));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_iptables_refuses_is_refused(int index, string rule)
    {
        RecordedRule recorded = RecordedRule.All[index];
        Assert.False(MarkRule.TryParse(recorded.Rule, recorded.Family, out ImmutableArray<MarkRule> rules, out string? error), rule);
        Assert.Empty(rules);
        Assert.NotEmpty(error);
    }

    [Theory]
    [MemberData(nameof(RefusedByUs))]
    public void What_matches_nothing_or_is_unknown_here_is_refused_too(int index, string rule)
    {
        RecordedRule recorded = RecordedRule.All[index];
        Assert.False(MarkRule.TryParse(recorded.Rule, recorded.Family, out _, out string? error), rule);
        Assert.Contains(RefusedOnPurpose[recorded.Name], error, StringComparison.Ordinal);
    }

    private static TheoryData<int, string> Select(Func<RecordedRule, bool> wanted)
    {
        TheoryData<int, string> rows = [];
        for (int i = 0; i < RecordedRule.All.Length; i++)
        {
            if (wanted(RecordedRule.All[i]))
                rows.Add(i, RecordedRule.All[i].Name);
        }
        return rows;
    }

    private static ImmutableArray<MarkRule> Parse(string text, AddressFamily? family)
    {
        Assert.True(MarkRule.TryParse(text, family, out ImmutableArray<MarkRule> rules, out string? error), $"{text}: {error}");
        return rules;
    }

    private sealed record RecordedRule(AddressFamily Family, string Rule, int ExitCode, string[] Saved)
    {
        private const string Usual = " -j MARK --set-mark 7";

        public static RecordedRule[] All { get; } = Load();

        /// <summary>Without the target that all have; <c>6</c> is ip6tables.</summary>
        public string Name => (Family == AddressFamily.InterNetworkV6 ? "6 " : "")
            + (Rule.EndsWith(Usual, StringComparison.Ordinal) && Rule.Length > Usual.Length ? Rule[..^Usual.Length] : Rule);

        private static RecordedRule[] Load()
        {
            using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "iptables-marks.json.gz"));
            using GZipStream unzipped = new(file, CompressionMode.Decompress);
            using JsonDocument json = JsonDocument.Parse(unzipped);
            return
            [
                .. json.RootElement.EnumerateArray().Select(each => new RecordedRule(
                    each.GetProperty("family").GetInt32() == 6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork,
                    each.GetProperty("rule").GetString()!,
                    each.GetProperty("rc").GetInt32(),
                    [.. each.GetProperty("saved").EnumerateArray().Select(line => line.GetString()!)])),
            ];
        }
    }
}
