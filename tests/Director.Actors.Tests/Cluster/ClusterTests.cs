using Director.Actors.Cluster;

namespace Director.Actors.Tests.Cluster;

/// <summary>Directors on loopback ports that become one cluster, with real links.</summary>
public sealed class ClusterTests
{
    // What is promised; and with room for a busy machine.
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Two_that_start_at_once_are_one_cluster()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        Assert.Equal(1, a.Links);
        Assert.Equal(1, b.Links);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task One_begins_alone_and_the_other_joins(bool lowestFirst)
    {
        int[] ports = LoopbackPorts.Free(2);
        (int first, int second) = lowestFirst ? (ports[0], ports[1]) : (ports[1], ports[0]);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", first, ports);
        await Eventually.TrueAsync(() => a.Up.Count() == 1, Promise);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", second, ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        Assert.Equal(1, a.Links);
        Assert.Equal(1, b.Links);
    }

    [Fact]
    public async Task One_that_was_killed_and_started_again_is_back()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        await b.KillAsync();
        await Eventually.TrueAsync(() => a.Live.Current.Peers.IsEmpty, Promise);
        await using ClusteredDirector again = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, again);
        Assert.Equal(1, a.Links);
        await b.DisposeAsync();
    }

    [Fact]
    public async Task Two_islands_become_one_and_only_one_link_is_started_anew()
    {
        // Each of them looks for nobody and is a cluster of its own, until a third one comes that knows both.
        int[] ports = LoopbackPorts.Free(3);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], []);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], []);
        await Eventually.TrueAsync(() => a.Up.Count() == 1 && b.Up.Count() == 1, Promise);
        PeerEvents events = new(b);
        await using ClusteredDirector c = ClusteredDirector.Begin("c", ports[2], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b, c);
        // Whichever c heard first was the larger one from then on.
        Assert.Equal((3, 1), (a.Links + b.Links, c.Links));
        Assert.Equal(typeof(PeerUp), events.Heard.Last().GetType());
    }

    [Fact]
    public async Task Three_with_one_dead_still_let_a_newcomer_be_up()
    {
        int[] ports = LoopbackPorts.Free(3);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        await b.KillAsync();
        await using ClusteredDirector c = ClusteredDirector.Begin("c", ports[2], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, c);
    }

    [Fact]
    public async Task A_live_one_that_an_operator_declared_dead_comes_back_by_itself()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        Assert.Null((await a.ObeyAsync(new MemberCommand.Down(b.Address))).Failure);
        await Eventually.TrueAsync(() => b.Links == 2, Promise);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
    }

    [Fact]
    public async Task One_that_was_told_to_leave_stays_outside_and_a_peer_until_told_to_join()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        await b.ObeyAsync(new MemberCommand.Leave(b.Address));
        await Eventually.TrueAsync(() => b.Links == 2 && b.Live.Current.Peers.Length == 1 && a.Live.Current.Peers.Length == 1 && a.View.Members.Length == 1, Promise);
        Assert.Empty(b.View.Members);
        await b.ObeyAsync(new MemberCommand.Join(a.Address));
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told()
    {
        int[] ports = LoopbackPorts.Free(1);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        Assert.Null((await a.StartedAsync()).Failure);
        await using ClusteredDirector second = ClusteredDirector.Begin("b", ports[0], ports);
        Assert.Contains("in use", (await second.StartedAsync()).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_key_makes_no_peer_and_no_cluster_and_both_say_so()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports, change: settings => settings with { KeyFingerprint = ElectionKey.Fingerprint("wrong") });
        await Eventually.TrueAsync(() => Warns(a, b.Address) && Warns(b, a.Address) && a.Up.Any() && b.Up.Any(), Promise);
        Assert.Single(a.View.Members);
        Assert.Empty(a.Live.Current.Peers);
        static bool Warns(ClusteredDirector one, string of) => one.Live.Current.Warnings.Any(text =>
            text.Contains("another director.election.key", StringComparison.Ordinal) && text.Contains(of, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_with_one_name_both_are_told()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("a", ports[1], ports);
        await Eventually.TrueAsync(() => Warns(a) && Warns(b), Promise);
        Assert.Empty(a.Live.Current.Peers);
        bool Warns(ClusteredDirector one) => one.Live.Current.Warnings.Any(text => text.Contains("two directors are called 'a'", StringComparison.Ordinal)
            && text.Contains(a.Address, StringComparison.Ordinal) && text.Contains(b.Address, StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_stops_says_so()
    {
        int[] ports = LoopbackPorts.Free(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        await ClusteredDirector.OneClusterAsync(Promise, a, b);
        PeerEvents events = new(a);
        await b.StopAsync();
        await Eventually.TrueAsync(() => events.Heard.OfType<PeerDown>().Any(), Promise);
        Assert.Equal(PeerDownReason.Left, events.Heard.OfType<PeerDown>().First().Reason);
        await Eventually.TrueAsync(() => a.View.Members.Length == 1, Promise);
    }
}
