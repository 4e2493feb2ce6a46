using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// Pairs of which something is set up wrongly, or lost. Whatever it is: both directors say so as far as they can see it, not more
/// than one owns, and what was configured is still there when it has been mended.
/// </summary>
[Trait("Category", "Long")]
public sealed class BadInputTests
{
    private const string Service = "-A -t 10.1.0.100:80 -s wlc\n";

    // Announcements by ARP for the VIP, of the engine's own and those of the election.
    private const string Announcement = "arp[14:4] = 0x0a010064";

    [Fact]
    public Task Both_have_the_same_name() => OneOwnsUntilMendedAsync(
        nameof(Both_have_the_same_name), options => options with { Name = "a" }, "two directors are called 'a'", "another director", "director.name");

    [Fact]
    public Task Their_keys_differ() => OneOwnsUntilMendedAsync(
        nameof(Their_keys_differ), options => options with { Extra = options.Extra.Replace(Pair.Key, "another", StringComparison.Ordinal) },
        "has another director.election.key", "signed with another election.key");

    /// <summary>In another order, and one without one of them: peers all the same, with one table, and both are told.</summary>
    [Theory]
    [InlineData("turned", "eth1", "eth0")]
    [InlineData("fewer", "eth0")]
    public async Task Their_interfaces_differ(string how, params string[] interfaces)
    {
        PairOptions wrong = new()
        {
            RealServers = 0,
            Vary = (number, options) => options with { Interfaces = number == 1 ? options.Interfaces : interfaces, FloatingAddresses = [] },
        };
        await using Pair pair = await Pair.BuildAsync(wrong, $"{nameof(Their_interfaces_differ)}_{how}");
        await pair.A.StartAsync();
        await pair.OwnerAsync(pair.A);
        await pair.A.IpvsadmAsync("-A -t 10.1.0.100:80");
        await pair.B.StartAsync();

        foreach (DirectorProcess director in pair.Directors)
            await SaysAsync(director, "has director.interfaces [");
        await Pair.SyncedAsync(pair.B);
        Assert.Same(pair.A, await pair.OwnerAsync());
        Assert.Equal(Service, await SavedAsync(pair.B));
    }

    /// <summary>Lost or damaged between a stop and the next start, of the standby and then of the owner: told, and epochs only grow.</summary>
    [Theory]
    [InlineData("rm {0}", "is missing")]
    [InlineData("head -c 8192 /dev/urandom > {0}", "no slot of it is whole")]
    public async Task An_epoch_file_is_lost_or_damaged(string how, string told)
    {
        await using Pair pair = await Pair.BuildAsync(new PairOptions { RealServers = 0 }, $"{nameof(An_epoch_file_is_lost_or_damaged)}_{how[..2]}");
        await pair.StartAsync();
        DirectorProcess owner = await pair.OwnerAsync(), standby = pair.Other(owner);
        await owner.IpvsadmAsync("-A -t 10.1.0.100:80");
        ulong epoch = await EpochAsync(owner);

        await RestartAsync(standby);
        Assert.Same(owner, await pair.OwnerAsync());
        Assert.True(await EpochAsync(owner) >= epoch);
        epoch = await EpochAsync(owner);
        await RestartAsync(owner);
        Assert.Same(standby, await pair.OwnerAsync());
        Assert.True(await EpochAsync(standby) > epoch);
        epoch = await EpochAsync(standby);
        await standby.DirectorAsync("failover");
        await pair.OwnerAsync(owner);
        Assert.Same(owner, await pair.OwnerAsync());
        Assert.True(await EpochAsync(owner) > epoch);
        foreach (DirectorProcess director in pair.Directors)
            Assert.Equal(Service, await SavedAsync(director));

        async Task RestartAsync(DirectorProcess director)
        {
            await Pair.SyncedAsync(pair.Other(owner));
            await director.Process.StopAsync();
            await director.Host.RunAsync(how.Replace("{0}", $"{director.Data}/epoch", StringComparison.Ordinal));
            await director.StartAsync();
            await SaysAsync(director, told);
            await Pair.SyncedAsync(director);
        }
    }

    /// <summary>The epochs of the one that starts first, alone, are lost: edits that it takes are later than those of before.</summary>
    [Fact]
    public async Task An_epoch_file_is_lost_where_the_first_starts()
    {
        await using Pair pair = await Pair.BuildAsync(new PairOptions { RealServers = 0 });
        await pair.StartAsync();
        DirectorProcess owner = await pair.OwnerAsync(), standby = pair.Other(owner);
        await Pair.SyncedAsync(standby);
        await owner.DirectorAsync("failover");
        await pair.OwnerAsync(standby);
        await standby.IpvsadmAsync("-A -t 10.1.0.100:80 -s rr");
        await owner.Process.StopAsync();
        await standby.Process.StopAsync();

        await owner.Host.RunAsync($"rm {owner.Data}/epoch");
        await owner.StartAsync();
        await pair.OwnerAsync(owner);
        await owner.IpvsadmAsync("-E -t 10.1.0.100:80 -s wlc");
        await standby.StartAsync();

        await Pair.SyncedAsync(standby);
        Assert.Same(owner, await pair.OwnerAsync());
        foreach (DirectorProcess director in pair.Directors)
            Assert.Equal(Service, await SavedAsync(director));
    }

    [Fact]
    public async Task One_has_the_journal_of_another_cluster()
    {
        await using Pair pair = await Pair.BuildAsync(new PairOptions { RealServers = 0 });
        // B is for itself, and is a cluster of its own.
        await pair.B.StartAsync();
        await pair.OwnerAsync(pair.B);
        await pair.B.IpvsadmAsync("-A -t 10.1.0.100:81");
        await pair.B.Process.StopAsync();
        await pair.A.StartAsync();
        await pair.OwnerAsync(pair.A);
        await pair.A.IpvsadmAsync("-A -t 10.1.0.100:80");

        await pair.B.StartAsync();
        await SaysAsync(pair.A, "b has the journal of another cluster");
        await SaysAsync(pair.B, "a has the journal of another cluster");
        Assert.Same(pair.A, await pair.OwnerAsync());
        Assert.Equal(Service, await SavedAsync(pair.A));
        Assert.Equal("-A -t 10.1.0.100:81 -s wlc\n", await SavedAsync(pair.B));

        // As the message says.
        await pair.B.Process.StopAsync();
        await pair.B.Host.RunAsync($"mkdir {pair.B.Data}/out; mv {pair.B.Data}/director.db* {pair.B.Data}/out/");
        await pair.B.StartAsync();
        await Eventually.TrueAsync("it takes over the other's", async () => await SavedAsync(pair.B) == Service);
        await Pair.SyncedAsync(pair.B);
    }

    /// <summary>
    /// The first one owns and the second, which is wrong, does not; each of the texts is said by both. When the first is gone the second
    /// owns, and then the first does not. When the second has been mended they are a pair.
    /// </summary>
    private static async Task OneOwnsUntilMendedAsync(string test, Func<DirectorOptions, DirectorOptions> wrong, params string[] texts)
    {
        PairOptions right = new() { RealServers = 0 };
        await using Pair pair = await Pair.BuildAsync(right with { Vary = (number, options) => number == 2 ? wrong(options) : options }, test);
        Capture fromB = await pair.Network.CaptureFromAsync("b-eth0", "arp");
        await pair.A.StartAsync();
        await pair.OwnerAsync(pair.A);
        await pair.A.IpvsadmAsync("-A -t 10.1.0.100:80");
        await pair.B.StartAsync();
        await pair.B.IpvsadmAsync("-A -t 10.1.0.100:80 -s rr");

        foreach (DirectorProcess director in pair.Directors)
        {
            foreach (string text in texts)
                await SaysAsync(director, text);
        }
        Assert.Same(pair.A, await pair.OwnerAsync());
        await fromB.NothingAsync(Announcement);
        await fromB.StopAsync();

        await pair.A.Process.StopAsync();
        await pair.OwnerAsync(pair.B);
        Capture fromA = await pair.Network.CaptureFromAsync("a-eth0", "arp");
        await pair.A.StartAsync();
        await SaysAsync(pair.A, texts[^1]);
        Assert.Same(pair.B, await pair.OwnerAsync());
        await fromA.NothingAsync(Announcement);
        await fromA.StopAsync();

        await Task.WhenAll(pair.Directors.Select(director => director.Process.StopAsync()));
        await pair.ConfigureAsync(right);
        await pair.B.Host.RunAsync($"rm -r {pair.B.Data}; mkdir {pair.B.Data}");
        await pair.StartAsync();
        await Pair.SyncedAsync(pair.Other(await pair.OwnerAsync()));
        await Eventually.TrueAsync("both have what was configured", async () => await SavedAsync(pair.A) == Service && await SavedAsync(pair.B) == Service);
    }

    /// <summary>In <c>director status</c>, and in the log.</summary>
    private static async Task SaysAsync(DirectorProcess director, string text)
    {
        await Eventually.TrueAsync($"the status of {director.Host.Name} says \"{text}\"", async () =>
            (await director.StatusAsync()).Engine.Warnings.Any(warning => warning.Contains(text, StringComparison.Ordinal)),
            state: async () => string.Join('\n', (await director.StatusAsync()).Engine.Warnings));
        await director.Process.SaysAsync(text);
    }

    private static async Task<ulong> EpochAsync(DirectorProcess director) => (await director.StatusAsync()).Election!.Epoch;

    private static async Task<string> SavedAsync(DirectorProcess director) => (await director.IpvsadmAsync("-S -n")).Text;
}
