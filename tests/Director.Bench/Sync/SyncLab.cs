using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;
using Director.Model;

namespace Director.Bench.Sync;

/// <summary>What the generator says when it is done.</summary>
internal sealed record Opened(long Sent, double Seconds);

/// <summary>A pair of directors with one UDP service, whose clients open connections and whose servers swallow what comes.</summary>
internal sealed class SyncLab : IAsyncDisposable
{
    /// <summary>Of the directors' configuration; the memory has a few more.</summary>
    public const int MostConnections = 2_000_000;

    /// <summary>Of a standby that must catch up.</summary>
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private const string Service = $"{Pair.Vip}:9";

    // As UdpOpenings has them: behind a router, which is the client.
    private const string Clients = "172.16.0.0/16";

    private readonly Dictionary<DirectorProcess, HttpClient> _management = [];
    private long _opened;
    private int _generators;

    private SyncLab(Pair pair) => Pair = pair;

    public Pair Pair { get; }

    public string Logs => Pair.Network.Logs;

    public static async Task<SyncLab> BuildAsync()
    {
        PairOptions options = new() { Extra = string.Create(CultureInfo.InvariantCulture, $"engine.connection-limit = {MostConnections}") };
        SyncLab lab = new(await Pair.BuildAsync(options, "sync"));
        foreach (DirectorProcess director in lab.Pair.Directors)
            await director.Host.RunAsync($"ip route add {Clients} via 10.1.0.2");
        foreach (LabHost server in lab.Pair.RealServers)
            await server.Start("sink", $"{Repository.Traffic} udp-sink 9").SaysAsync("listening", TimeSpan.FromSeconds(30));
        await lab.Pair.StartAsync();
        DirectorProcess owner = await lab.SettledAsync();
        string servers = string.Concat(Enumerable.Range(11, lab.Pair.RealServers.Length).Select(i => $"-a -u {Service} -r 10.2.0.{i}:9 -m\n"));
        await owner.IpvsadmAsync($"-A -u {Service} -s rr\n{servers}");
        await Eventually.TrueAsync("both have the service", async () => (await lab.StatusesAsync()).All(status => status?.Services == 1));
        return lab;
    }

    /// <summary>Waits until one owns and the other one is in sync; returns the owner.</summary>
    public async Task<DirectorProcess> SettledAsync()
    {
        DirectorProcess owner = Pair.A;
        await Eventually.TrueAsync("one director owns and the other one is in sync", async () =>
        {
            DirectorStatus?[] both = await StatusesAsync();
            int at = Array.FindIndex(both, status => status?.Role == "owner");
            owner = Pair.Directors[Math.Max(at, 0)];
            return at >= 0 && both[1 - at] is { Role: "standby", Sync.Synced: true };
        }, SettleLimit);
        return owner;
    }

    /// <summary>Seconds without a packet after which a connection ends.</summary>
    public static Task SetLifetimeAsync(DirectorProcess owner, int seconds) => owner.IpvsadmAsync($"--set 0 0 {seconds}");

    /// <summary>So many connections that nobody has opened before, as the generator's process.</summary>
    public async Task<LabProcess> OpenAsync(int rate, long count, DirectorProcess owner)
    {
        long first = _opened;
        _opened += count;
        LabProcess generator = Pair.Client.Start($"open-{++_generators}",
            $"{Repository.Traffic} udp-open eth0 {Service} {owner.VirtualMac(0).Replace(':', '-')} {rate} {first} {count}");
        return await generator.SaysAsync("opening", TimeSpan.FromSeconds(30));
    }

    public static Opened ResultOf(LabProcess generator) =>
        JsonSerializer.Deserialize<Opened>(generator.Printed().Split('\n').Last(line => line.StartsWith('{')), Web)!;

    /// <summary>Waits until neither director has a connection.</summary>
    public Task EmptyAsync() => Eventually.TrueAsync("no director has a connection",
        async () => (await StatusesAsync()).All(status => status is { Engine.Connections: 0 }), SettleLimit);

    /// <summary>In the order of the directors.</summary>
    public Task<DirectorStatus?[]> StatusesAsync() => Task.WhenAll(Pair.Directors.Select(StatusAsync));

    /// <summary>Connections that this director has scheduled so far.</summary>
    public async Task<long> MadeAsync(DirectorProcess director)
    {
        ServicesListing? listing = await Management(director).GetFromJsonAsync("/api/v1/services", DirectorJson.Default.ServicesListing);
        return listing!.Services.Sum(service => (long)service.Statistics.Connections);
    }

    /// <summary>Null of one that does not answer.</summary>
    public async Task<DirectorStatus?> StatusAsync(DirectorProcess director)
    {
        try
        {
            return await Management(director).GetFromJsonAsync("/api/v1/status", DirectorJson.Default.DirectorStatus);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private HttpClient Management(DirectorProcess director)
    {
        if (!_management.TryGetValue(director, out HttpClient? http))
            _management[director] = http = director.ManagementClient();
        return http;
    }

    public ValueTask DisposeAsync()
    {
        foreach (HttpClient http in _management.Values)
            http.Dispose();
        return Pair.DisposeAsync();
    }
}
