using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;
using Director.Model;

namespace Director.Bench.Failover;

/// <summary>HaDirector: two directord, each with its engine.</summary>
internal sealed class DirectorPair : IBalancerPair
{
    public const int DefaultAnnounceMilliseconds = 40;

    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    private readonly FailoverLab _lab;
    private readonly int _announceMilliseconds;

    public DirectorPair(FailoverLab lab, int announceMilliseconds)
    {
        _lab = lab;
        _announceMilliseconds = announceMilliseconds;
        bool isDefault = announceMilliseconds == DefaultAnnounceMilliseconds;
        Setting = isDefault ? "defaults (40 ms)" : $"announce-interval = {announceMilliseconds}ms";
        Endings =
        [
            .. isDefault ? (Ending[])[Ending.Nothing()] : [],
            Ending.HostVanishes(lab),
            new(EndingKind.EngineKilled, "kill -9 of its engine", async owner => await KillAsync(await Of(owner).EngineAsync()), _ => Task.CompletedTask),
            new(EndingKind.AllKilled, "kill -9 of engine and directord",
                async owner => await KillAsync(await Of(owner).EngineAsync(), Of(owner).Process.Id), owner => Of(owner).StartAsync()),
            new(EndingKind.FailedOver, "director failover", owner => Of(owner).DirectorAsync("failover"), _ => Task.CompletedTask),
            new(EndingKind.Stopped, "SIGTERM of directord", owner => Of(owner).Process.SignalAsync("TERM"), async owner =>
            {
                await Of(owner).Process.ExitAsync();
                await Of(owner).StartAsync();
            }),
        ];
    }

    public string Name => "HaDirector";

    public string Setting { get; }

    public bool IsOurs => true;

    public IReadOnlyList<Ending> Endings { get; }

    public async Task StartAsync()
    {
        await _lab.Pair.ConfigureAsync(new PairOptions { AnnounceMilliseconds = _announceMilliseconds, Extra = _lab.Method.Configuration });
        await Task.WhenAll(_lab.Pair.Directors.Select(director => director.StartAsync()));
        LabHost owner = await SettledAsync();
        // The journal has those of an earlier start.
        await Of(owner).IpvsadmAsync($"-C\n{Services()}");
        await Eventually.TrueAsync("both have the same table", async () => await TableAsync(_lab.Pair.A) == await TableAsync(_lab.Pair.B), SettleLimit);
    }

    /// <summary>Each director knows of every connection, and of its end.</summary>
    public Task ForgetConnectionsAsync() => Task.CompletedTask;

    public async Task<LabHost> SettledAsync()
    {
        LabHost? owner = null;
        await Eventually.TrueAsync("one director owns and the other one is in sync", async () =>
        {
            bool[] own = await Task.WhenAll(_lab.Hosts.Select(OwnsAsync));
            if (own[0] == own[1])
                return false;
            owner = own[0] ? _lab.A : _lab.B;
            DirectorProcess standby = Of(_lab.Other(owner));
            return await AskAsync(standby, "/api/v1/election", DirectorJson.Default.ElectionListing) is { Role: "standby" }
                && await AskAsync(standby, "/api/v1/sync", DirectorJson.Default.SyncListing) is { Synced: true };
        }, SettleLimit);
        return owner!;
    }

    public async Task<bool> OwnsAsync(LabHost host) =>
        await AskAsync(Of(host), "/api/v1/election", DirectorJson.Default.ElectionListing) is { Role: "owner" };

    /// <summary>In good order: a host whose engine was killed still filters what is the engine's.</summary>
    public async Task StopAsync()
    {
        await Task.WhenAll(_lab.Hosts.Select(_lab.MendAsync));
        await Task.WhenAll(_lab.Pair.Directors.Select(async director =>
        {
            if (!director.Process.Running)
                await director.StartAsync();
            await director.Process.StopAsync(TimeSpan.FromSeconds(30));
        }));
    }

    private string Services()
    {
        string servers = string.Concat(Enumerable.Range(1, _lab.Pair.RealServers.Length)
            .Select(i => $"-a -t {FailoverLab.Http} -r {_lab.Method.Server(i)}:80 {_lab.Method.Option}\n"));
        return $"""
            -A -t {FailoverLab.Http} -s wlc
            {servers}
            -A -u {FailoverLab.Echo} -s rr
            -a -u {FailoverLab.Echo} -r {_lab.Method.Server(1)}:7 {_lab.Method.Option}
            """;
    }

    private DirectorProcess Of(LabHost host) => _lab.Pair.Directors.Single(director => director.Host == host);

    private static async Task<string> TableAsync(DirectorProcess director) => (await director.IpvsadmAsync("-S -n")).Text;

    // At once: between two signals a directord would start another engine.
    private static async Task KillAsync(params int[] processes) => (await Shell.RunAsync("host", [],
        $"kill -KILL {string.Join(' ', processes.Select(id => id.ToString(CultureInfo.InvariantCulture)))}")).Succeeded();

    /// <summary>Null of one that does not answer.</summary>
    private static async Task<T?> AskAsync<T>(DirectorProcess director, string path, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            using HttpClient http = director.ManagementClient();
            return await http.GetFromJsonAsync(path, type);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }
}
