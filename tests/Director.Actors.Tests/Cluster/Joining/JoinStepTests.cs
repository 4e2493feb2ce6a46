using Akka.Cluster;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Joining;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Tests.Cluster.Joining;

/// <summary>One decision at a time. A is the lowest address.</summary>
public sealed class JoinStepTests
{
    private const string A = "akka.tcp://director@10.3.0.1:4053";
    private const string B = "akka.tcp://director@10.3.0.2:4053";
    private const string C = "akka.tcp://director@10.3.0.3:4053";

    private JoinSettings _settings = new(A, [B]);
    private JoinState _state = JoinState.Begin(TimeSpan.Zero);

    [Fact]
    public void The_lowest_founds_as_soon_as_everybody_is_there() =>
        Assert.Equal(new JoinEffect.Found(), At(0.1, Hello(B)));

    [Fact]
    public void The_lowest_of_three_waits_for_the_third_for_a_while()
    {
        _settings = new JoinSettings(A, [B, C]);
        Assert.Null(At(0.1, Hello(B)));
        Assert.Null(At(1.9, Hello(B)));
        Assert.Equal(new JoinEffect.Found(), At(2, new JoinInput.Tick()));
    }

    [Fact]
    public void Nobody_there_founds_after_a_while()
    {
        Assert.Null(At(1.9, new JoinInput.Tick()));
        Assert.Equal(new JoinEffect.Found(), At(2, new JoinInput.Tick()));
    }

    [Fact]
    public void One_that_is_not_the_lowest_waits_for_the_lowest_but_not_for_ever()
    {
        _settings = new JoinSettings(B, [A]);
        for (double second = 0.5; second < 6; second += 0.5)
            Assert.Null(At(second, Hello(A)));
        Assert.Equal(new JoinEffect.Found(), At(6, Hello(A)));
    }

    [Fact]
    public void A_contact_in_a_cluster_is_joined_at_once() =>
        Assert.Equal(new JoinEffect.Join(B), At(0, Hello(B, Up(B, 2))));

    [Fact]
    public void Of_two_clusters_the_larger_is_joined()
    {
        _settings = new JoinSettings(C, [A, B]);
        _state = _state with { Held = true };
        At(0, Hello(A, Up(A, 1)));
        At(0, Hello(B, Up(B, 2), Up("akka.tcp://director@10.3.0.4:4053", 4)));
        _state = _state with { Held = false };
        Assert.Equal(new JoinEffect.Join(B), At(0.1, new JoinInput.Tick()));
    }

    [Fact]
    public void A_join_that_comes_to_nothing_is_tried_anew()
    {
        At(0, Hello(B, Up(B, 2)));
        Assert.Null(At(2.9, Hello(B, Up(B, 2))));
        Assert.Equal(new JoinEffect.Join(B), At(3, Hello(B, Up(B, 2))));
    }

    [Fact]
    public void A_join_to_one_that_died_ends_in_founding()
    {
        At(0, Hello(B, Up(B, 2)));
        Assert.Equal(new JoinEffect.Found(), At(3, new JoinInput.Tick()));
    }

    [Fact]
    public void Whoever_was_told_to_leave_stays_outside()
    {
        _state = _state with { Held = true };
        Assert.Null(At(0, Hello(B, Up(B, 2))));
        Assert.Null(At(60, new JoinInput.Tick()));
        Assert.True(JoinState.Begin(TimeSpan.Zero, _state).Held);
    }

    [Fact]
    public void Of_two_lone_clusters_the_one_with_the_higher_address_gives_itself_up()
    {
        _settings = new JoinSettings(B, [A]);
        At(0, new JoinInput.Members([Up(B, 2)]));
        Assert.Null(At(1, Hello(A, Up(A, 1))));
        Assert.Null(At(2.9, Hello(A, Up(A, 1))));
        Assert.Contains(A, Assert.IsType<JoinEffect.Restart>(At(3, Hello(A, Up(A, 1)))).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_one_with_the_lower_address_stays()
    {
        At(0, new JoinInput.Members([Up(A, 1)]));
        for (double second = 1; second < 10; second += 0.5)
            Assert.Null(At(second, Hello(B, Up(B, 2))));
    }

    [Fact]
    public void Of_unequal_clusters_the_smaller_gives_itself_up_and_unreachable_members_do_not_count()
    {
        At(0, new JoinInput.Members([Up(A, 1), Up(B, 1) with { Reachable = false }]));
        At(1, Hello(B, Up(B, 2), Up(C, 3)));
        Assert.IsType<JoinEffect.Restart>(At(3, Hello(B, Up(B, 2), Up(C, 3))));
    }

    [Fact]
    public void One_that_the_other_side_removed_starts_anew_and_the_other_does_not()
    {
        At(0, new JoinInput.Members([Up(A, 1), Up(B, 2)]));
        At(1, Hello(B, Up(B, 2)));
        Assert.IsType<JoinEffect.Restart>(At(3, Hello(B, Up(B, 2))));

        _state = JoinState.Begin(TimeSpan.Zero);
        At(0, new JoinInput.Members([Up(A, 1)]));
        At(1, Hello(B, Up(A, 1), Up(B, 2)));
        Assert.Null(At(9, Hello(B, Up(A, 1), Up(B, 2))));
    }

    [Fact]
    public void A_newcomer_that_a_dead_member_keeps_waiting_makes_it_declared_dead()
    {
        _settings = new JoinSettings(A, [B, C]);
        ClusterMember dead = Up(B, 2) with { Reachable = false };
        At(0, new JoinInput.Members([Up(A, 1), dead, Up(C, 3) with { Status = MemberStatus.WeaklyUp }]));
        Assert.Null(At(2.9, new JoinInput.Tick()));
        Assert.Equal(B, Assert.IsType<JoinEffect.Down>(At(3, new JoinInput.Tick())).Address);
    }

    [Fact]
    public void A_member_that_says_hello_is_not_declared_dead()
    {
        _settings = new JoinSettings(A, [B, C]);
        At(0, new JoinInput.Members([Up(A, 1), Up(B, 2) with { Reachable = false }, Up(C, 3) with { Status = MemberStatus.Joining }]));
        for (double second = 0; second < 9; second++)
            Assert.Null(At(second, Hello(B, Up(A, 1), Up(B, 2))));
    }

    private JoinEffect? At(double second, JoinInput input)
    {
        (_state, JoinEffect? effect) = JoinStep.Step(_settings, _state, input, TimeSpan.FromSeconds(second));
        return effect;
    }

    private static ClusterMember Up(string address, int uid) => new(address, uid, MemberStatus.Up, true);

    private static JoinInput.Hello Hello(string address, params ClusterMember[] members) => new(new ContactHello
    {
        Name = address[^6..^5],
        Address = address,
        Incarnation = 1,
        Uptime = 1,
        Protocols = new ProtocolRange(1, 1),
        Version = "1.0",
        Members = [.. members],
    });
}
