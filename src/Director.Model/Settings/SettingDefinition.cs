using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Director.Model;

/// <summary>One of the <see cref="Settings"/>: IPVS's name, default and range, and what it does in a line.</summary>
public sealed class SettingDefinition
{
    // Seconds whose milliseconds fit a signed 32-bit number: 24 days.
    private const int LongestSeconds = int.MaxValue / 1000;

    private SettingDefinition(string name, int least, int most, string meaning, Func<Settings, int> read, Func<Settings, int, Settings> write)
    {
        (Name, Least, Most, Meaning, Read, Write) = (name, least, most, meaning, read, write);
        Default = read(new Settings());
    }

    public string Name { get; }

    public int Default { get; }

    public int Least { get; }

    public int Most { get; }

    public string Meaning { get; }

    public Func<Settings, int> Read { get; }

    public Func<Settings, int, Settings> Write { get; }

    /// <summary>In the order of their names.</summary>
    public static IReadOnlyList<SettingDefinition> All { get; } =
    [
        new("am_droprate", 0, int.MaxValue, "drop_packet 3 drops one of so many packets; 0 none", s => s.AmDroprate, (s, v) => s with { AmDroprate = v }),
        new("amemthresh", 0, int.MaxValue, "room for connections below which defences set to 1 begin, in 16384ths of it all", s => s.Amemthresh, (s, v) => s with { Amemthresh = v }),
        Switch("cache_bypass", "without a cache server packets go on to where they were sent", s => s.CacheBypass, (s, v) => s with { CacheBypass = v }),
        new("conn_reuse_mode", 0, 3, "a SYN on a connection that is over: 0 to its old server, 1 scheduled anew, +2 from FIN_WAIT on too", s => s.ConnReuseMode, (s, v) => s with { ConnReuseMode = v }),
        new("drop_entry", 0, 3, "drop half-open connections: 0 never, 1-2 when memory is short, 3 always", s => s.DropEntry, (s, v) => s with { DropEntry = v }),
        new("drop_packet", 0, 3, "drop some packets before scheduling: 0 never, 1-2 when memory is short, 3 always", s => s.DropPacket, (s, v) => s with { DropPacket = v }),
        Switch("expire_nodest_conn", "connections end with their real server", s => s.ExpireNodestConn, (s, v) => s with { ExpireNodestConn = v }),
        Switch("expire_quiescent_template", "persistence does not hold to a real server of weight 0", s => s.ExpireQuiescentTemplate, (s, v) => s with { ExpireQuiescentTemplate = v }),
        new("lblc_expiration", 1, LongestSeconds, "seconds until lblc forgets a destination", s => s.LblcExpiration, (s, v) => s with { LblcExpiration = v }),
        new("lblcr_expiration", 1, LongestSeconds, "seconds until lblcr forgets a destination", s => s.LblcrExpiration, (s, v) => s with { LblcrExpiration = v }),
        Switch("nat_icmp_send", "port unreachable to a masqueraded server whose packet has no connection", s => s.NatIcmpSend, (s, v) => s with { NatIcmpSend = v }),
        Switch("pmtu_disc", "fragmentation needed for packets with DF that are too big, whatever the method", s => s.PmtuDisc, (s, v) => s with { PmtuDisc = v }),
        Switch("run_estimation", "estimate rates (ipvsadm --rate)", s => s.RunEstimation, (s, v) => s with { RunEstimation = v }),
        Switch("schedule_icmp", "schedule an ICMP error without a connection by what it quotes", s => s.ScheduleIcmp, (s, v) => s with { ScheduleIcmp = v }),
        new("secure_tcp", 0, 3, "shorter and stricter TCP states: 0 never, 1-2 when memory is short, 3 always", s => s.SecureTcp, (s, v) => s with { SecureTcp = v }),
        Switch("sloppy_sctp", "any SCTP packet but an ABORT may begin an association", s => s.SloppySctp, (s, v) => s with { SloppySctp = v }),
        Switch("sloppy_tcp", "any TCP packet without RST may begin a connection", s => s.SloppyTcp, (s, v) => s with { SloppyTcp = v }),
    ];

    /// <summary>IPVS's other settings, and why there is nothing to set here.</summary>
    public static FrozenDictionary<string, string> WithoutMeaning { get; } = new Dictionary<string, string>
    {
        ["backup_only"] = "a standby never forwards, whatever is set",
        ["conntrack"] = "the engine does not use netfilter's connection tracking",
        ["debug_level"] = "what is dropped is counted by reason: director status",
        ["ignore_tunneled"] = "a protocol that no service has is never taken for one",
        ["snat_reroute"] = "replies are routed by their new source always",
        ["sync_persist_mode"] = "templates and their connections are synchronized both",
        ["sync_ports"] = "directors synchronize over their cluster link",
        ["sync_qlen_max"] = "synchronization is bounded by acknowledgements",
        ["sync_refresh_period"] = "live connections are refreshed well within their timeout",
        ["sync_retries"] = "synchronization is acknowledged",
        ["sync_sock_size"] = "directors synchronize over their cluster link",
        ["sync_threshold"] = "every established connection is synchronized: see director.connection-sync",
        ["sync_version"] = "directors have a protocol of their own",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, SettingDefinition> ByName = All.ToFrozenDictionary(definition => definition.Name, StringComparer.Ordinal);

    /// <param name="error">Why there is none of this name to set.</param>
    public static bool TryFind(string name, [NotNullWhen(true)] out SettingDefinition? definition, [NotNullWhen(false)] out string? error)
    {
        error = ByName.TryGetValue(name, out definition) ? null
            : WithoutMeaning.TryGetValue(name, out string? why) ? $"{name} has no meaning here: {why}"
            : $"there is no setting '{name}' (director set lists them)";
        return error is null && definition is not null;
    }

    public bool Takes(long value, [NotNullWhen(false)] out string? error)
    {
        error = value >= Least && value <= Most ? null : string.Create(CultureInfo.InvariantCulture, $"{Name} is {Least} to {Most}, not {value}");
        return error is null;
    }

    private static SettingDefinition Switch(string name, string meaning, Func<Settings, bool> read, Func<Settings, bool, Settings> write) =>
        new(name, 0, 1, meaning, settings => read(settings) ? 1 : 0, (settings, value) => write(settings, value != 0));
}
