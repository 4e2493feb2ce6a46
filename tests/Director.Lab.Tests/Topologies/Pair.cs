using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;

namespace Director.Lab.Tests.Topologies;

/// <summary>
/// Directors a and b (and c, if asked for) that own the addresses one after the other: clients on segment c, real servers on
/// segment r, the directors among themselves on segment k.
/// <code>
/// client 10.1.0.2 --- c --- eth0 10.1.0.11 a 10.2.0.1 eth1 --- r --- rs1 10.2.0.11, rs2 10.2.0.12, ...
///                     |              10.3.0.1 eth2 --- k
///                     +---- eth0 10.1.0.12 b 10.2.0.2 eth1 --- r
///                                    10.3.0.2 eth2 --- k
///                VIP 10.1.0.100           10.2.0.254
/// </code>
/// </summary>
public sealed class Pair : IAsyncDisposable
{
    public const string Vip = "10.1.0.100";

    public const string Key = "correct horse battery staple";

    private readonly LabHost[] _hosts;
    private PairOptions _options;

    private Pair(string test, PairOptions options)
    {
        _options = options;
        Network = new LabNetwork(test);
        Client = Segment(Network.Host("client"), "c", "eth0", 2);
        Stranger = Segment(Network.Host("stranger"), "c", "eth0", 66);
        _hosts = [.. Enumerable.Range(1, options.Directors).Select(i =>
            Segment(Segment(Network.Host(Name(i)), "c", "eth0", 10 + i), "r", "eth1", i).Connect("k", $"10.3.0.{i}/24").Sysctl("net.ipv4.ip_forward=1"))];
        RealServers = [.. Enumerable.Range(1, options.RealServers).Select(i => Segment(Network.Host($"rs{i}"), "r", "eth0", 10 + i))];
        foreach (LabHost server in RealServers)
            _ = options.Ipv6Only ? server.Configure("ip -6 route add default via fd00:2::254") : server.Gateway("10.2.0.254");
        options.Describe?.Invoke(this);
    }

    public LabNetwork Network { get; }

    public LabHost Client { get; }

    /// <summary>10.1.0.66 on the clients' segment, with which nobody deals.</summary>
    public LabHost Stranger { get; }

    public LabHost[] RealServers { get; }

    /// <summary>In the order of their names.</summary>
    public DirectorProcess[] Directors { get; private set; } = [];

    public DirectorProcess A => Directors[0];

    public DirectorProcess B => Directors[1];

    /// <summary>Built, its directors configured and not started.</summary>
    public static async Task<Pair> BuildAsync(PairOptions? options = null, [CallerMemberName] string test = "")
    {
        Pair pair = new(test, options ?? new PairOptions());
        await pair.Network.BuildAsync();
        if (pair._options.DataMegabytes > 0)
            await Task.WhenAll(pair._hosts.Select(host => pair.Network.MountAsync(DirectorProcess.DataOf(host), pair._options.DataMegabytes)));
        await pair.ConfigureAsync(pair._options);
        return pair;
    }

    /// <summary>Other directors on the same hosts, where none may run now: only what is no part of the network may differ.</summary>
    public async Task ConfigureAsync(PairOptions options)
    {
        _options = options;
        Directors = await Task.WhenAll(_hosts.Select((host, at) => DirectorProcess.PrepareAsync(host, OptionsOf(at + 1))));
    }

    /// <summary>All of them at once; returns when each is ready and one owns.</summary>
    public async Task StartAsync()
    {
        await Task.WhenAll(Directors.Select(director => director.StartAsync()));
        await OwnerAsync();
    }

    public Task<Nginx[]> StartNginxAsync() => Task.WhenAll(RealServers.Select(server => Nginx.StartAsync(server, _options.Ipv6Only ? ["[::]:80"] : [])));

    /// <summary>Waits until exactly one of these says that it owns.</summary>
    public async Task<DirectorProcess> OwnerAsync(params DirectorProcess[] among)
    {
        DirectorProcess[] asked = among.Length == 0 ? Directors : among;
        DirectorProcess? owner = null;
        await Eventually.TrueAsync("one director owns", async () =>
        {
            string[] roles = await Task.WhenAll(asked.Select(director => director.RoleAsync()));
            owner = roles.Count(role => role == "owner") == 1 ? asked[Array.IndexOf(roles, "owner")] : null;
            return owner is not null;
        }, TimeSpan.FromSeconds(15));
        return owner!;
    }

    public DirectorProcess Other(DirectorProcess one) => one == A ? B : A;

    /// <summary>Waits until this standby has the owner's connections.</summary>
    public static Task SyncedAsync(DirectorProcess standby) => Eventually.TrueAsync(
        $"{standby.Host.Name} is in sync", async () => (await standby.StatusAsync()).Sync is { Synced: true }, TimeSpan.FromSeconds(30));

    /// <summary>Waits until both say the same of the services: what was told to one may be on its way while their link begins anew.</summary>
    public Task SameTablesAsync() => Eventually.TrueAsync(
        "both directors hold the same table", async () => await SavedAsync(A) == await SavedAsync(B),
        TimeSpan.FromSeconds(30), async () => $"a:\n{await SavedAsync(A)}b:\n{await SavedAsync(B)}");

    public ValueTask DisposeAsync() => Network.DisposeAsync();

    private static async Task<string> SavedAsync(DirectorProcess director) => (await director.IpvsadmAsync("-S -n")).Text;

    private LabHost Segment(LabHost host, string segment, string device, int number) => _options.Ipv6Only
        ? host.Connect(segment).Ipv6($"fd00:{(segment == "c" ? 1 : 2)}::{number}/64 dev {device}")
        : host.Connect(segment, $"10.{(segment == "c" ? 1 : 2)}.0.{number}/16");

    private DirectorOptions OptionsOf(int number) => _options.Vary(number, new()
    {
        Name = Name(number),
        FloatingAddresses = _options.Ipv6Only ? ["fd00:2::254/64@eth1"] : ["10.2.0.254/16@eth1"],
        VirtualMac = _options.VirtualMac,
        MovableClock = _options.MovableClocks,
        Extra = $$"""
              election { key = "{{Key}}", announce-interval = {{_options.AnnounceMilliseconds}}ms }
              {{_options.Extra}}
            }
            akka {
              remote.dot-netty.tcp { hostname = "10.3.0.{{number}}", port = 4053 }
              cluster.seed-nodes = [{{string.Join(", ", Enumerable.Range(1, _options.Directors).Select(i => $"\"akka.tcp://director@10.3.0.{i}:4053\""))}}]
            """,
    });

    private static string Name(int number) => ((char)('a' + number - 1)).ToString();
}

/// <summary>What pairs of labs differ in.</summary>
public sealed record PairOptions
{
    public int Directors { get; init; } = 2;

    public int RealServers { get; init; } = 2;

    public bool VirtualMac { get; init; } = true;

    public int AnnounceMilliseconds { get; init; } = 40;

    /// <summary>Each director has a time of day of its own (<see cref="MovableClock"/>).</summary>
    public bool MovableClocks { get; init; }

    /// <summary>Of a file system of its own for each director's data; 0: none.</summary>
    public int DataMegabytes { get; init; }

    /// <summary>May add to the lab before it is built.</summary>
    public Action<Pair>? Describe { get; init; }

    /// <summary>More lines inside <c>director { }</c>.</summary>
    public string Extra { get; init; } = "";

    /// <summary>fd00:1::/64 for 10.1/16, fd00:2::/64 for 10.2/16, and no IPv4 but between the directors.</summary>
    public bool Ipv6Only { get; init; }

    /// <summary>What the director of this number has in another way.</summary>
    public Func<int, DirectorOptions, DirectorOptions> Vary { get; init; } = (_, options) => options;
}
