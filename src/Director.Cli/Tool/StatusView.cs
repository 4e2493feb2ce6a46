using System.Globalization;
using System.Text.Json;
using Director.Model;
using Spectre.Console;

namespace Director.Cli.Tool;

/// <summary><c>director status</c>, for people and as JSON.</summary>
internal static class StatusView
{
    private const int WidthOfFiles = 200;

    public static void WriteJson(DirectorStatus status, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(status, DirectorJson.Default.DirectorStatus));

    public static void Write(DirectorStatus status, IAnsiConsole console)
    {
        EngineStatus engine = status.Engine;
        Table facts = new Table().NoBorder().HideHeaders().AddColumn("").AddColumn("");
        Row(facts, "director", Text($"{status.Name} {status.Version}"));
        Row(facts, "state", Text($"{status.Role}, {(status.Ready ? "ready" : "not ready")}"));
        if (status.Election is { Role: not "alone" } election)
            Row(facts, "election", Describe(election));
        if (status.Sync is { } sync)
            Row(facts, "sync", Describe(status.Role, sync));
        if (status.Peers.Length > 0)
            Row(facts, "peers", string.Join(", ", status.Peers.Select(peer => $"{peer.Name} ({peer.Address})")));
        Row(facts, "services", Text($"{status.Services} with {status.RealServers} real servers, revision {status.Revision}"));
        Row(facts, "engine", engine.Connected
            ? Text($"pid {engine.ProcessId}, version {engine.Version}, protocol {engine.Protocol}, up {Uptime(engine.UptimeSeconds)}, revision {engine.Revision}")
            : "not connected");
        Row(facts, "connections", Text($"{engine.Connections} of at most {engine.ConnectionLimit}"));
        if (Defences(engine.Counters) is { Length: > 0 } defences)
            Row(facts, "defences", defences);
        Row(facts, "addresses", engine.OwnedAddresses.Length == 0 ? "none" : string.Join(", ", engine.OwnedAddresses));
        // Tables that scripts and logs take must not be folded at the 80 columns of a terminal that is not there.
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = Math.Max(console.Profile.Width, WidthOfFiles);
        console.Write(facts);

        if (engine.Interfaces.Length > 0)
            console.Write(Interfaces(engine.Interfaces));
        if (status.Election is { Peers.Length: > 0 } elected)
            console.Write(Peers(elected.Peers));
        KeyValuePair<string, ulong>[] drops = [.. engine.Drops.Where(drop => drop.Value > 0).OrderByDescending(drop => drop.Value)];
        if (drops.Length > 0)
            console.Write(Drops(drops));
        foreach (string warning in engine.Warnings)
            console.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[yellow]warning:[/] {warning}");
    }

    private static string Describe(ElectionListing election) =>
        Text($"{election.Owner ?? "nobody"} owns, epoch {election.Epoch}; {election.Role} since {Uptime(election.SinceSeconds)}: {election.Reason}")
        + (election.LastGapMilliseconds is { } gap ? Text($"; last take-over: {gap} ms") : "");

    private static string Describe(string role, SyncListing sync) => role == "owner"
        ? Text($"{sync.StandbysInSync} of {sync.Standbys} standbys in sync, lag {sync.LagMilliseconds} ms, {sync.Waiting} waiting")
            + (sync.StrictDegraded ? "; DEGRADED: connections are made that no standby knows of" : "")
        : sync.Synced ? Text($"in sync with the owner, last heard {sync.LastMilliseconds} ms ago") : "not in sync with the owner";

    private static Table Peers(ElectionPeerListing[] peers)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("director", "role", "epoch", "heard on segment", "over cluster");
        foreach (ElectionPeerListing peer in peers)
            Row(table, peer.Name, peer.Role, Text($"{peer.Epoch}"), Ago(peer.HeardOnSegment), Ago(peer.HeardOverCluster));
        return table;
    }

    private static string Ago(long? milliseconds) => milliseconds is { } age ? Text($"{age} ms ago") : "never";

    // Those that are set, and whether they are in force now.
    private static string Defences(Dictionary<string, ulong> counters)
    {
        ulong rate = counters.GetValueOrDefault(DefenceGauges.DropRate);
        (string Name, ulong Mode)[] all =
        [
            ("drop_entry", counters.GetValueOrDefault(DefenceGauges.DropEntry)),
            (rate > 0 ? Text($"drop_packet (1 of {rate})") : "drop_packet", counters.GetValueOrDefault(DefenceGauges.DropPacket)),
            ("secure_tcp", counters.GetValueOrDefault(DefenceGauges.SecureTcp)),
        ];
        return string.Join(", ", all.Where(each => each.Mode > 0).Select(each => $"{each.Name} {(each.Mode > 1 ? "in force" : "when room is short")}"));
    }

    private static Table Interfaces(InterfaceStatus[] interfaces)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("interface", "carrier", "mac", "mtu", "fast path", "received", "sent", "lost");
        foreach (InterfaceStatus one in interfaces)
        {
            Row(table, one.Name, one.Carrier ? "up" : "down", one.Mac, Text($"{one.Mtu}"), one.FastPath,
                Text($"{one.ReceivedPackets}"), Text($"{one.SentPackets}"), Text($"{one.KernelDrops}"));
        }
        return table;
    }

    private static Table Drops(KeyValuePair<string, ulong>[] drops)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("dropped because", "packets");
        foreach ((string reason, ulong packets) in drops)
            Row(table, reason, Text($"{packets}"));
        return table;
    }

    private static void Row(Table table, params string[] cells) => table.AddRow([.. cells.Select(cell => new Text(cell))]);

    private static string Text(FormattableString text) => FormattableString.Invariant(text);

    private static string Uptime(long seconds)
    {
        TimeSpan up = TimeSpan.FromSeconds(seconds);
        return up.Days > 0 ? Text($"{up.Days} d {up.Hours} h")
            : up.Hours > 0 ? Text($"{up.Hours} h {up.Minutes} min")
            : up.Minutes > 0 ? Text($"{up.Minutes} min {up.Seconds} s")
            : Text($"{up.Seconds} s");
    }
}
