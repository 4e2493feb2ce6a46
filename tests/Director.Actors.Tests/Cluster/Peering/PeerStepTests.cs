using Director.Actors.Cluster;
using Director.Actors.Cluster.Peering;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Tests.Cluster.Peering;

/// <summary>Who is a peer, one input at a time. This director is a, and has run for 100 s.</summary>
public sealed class PeerStepTests
{
    private static readonly ContactHello Self = Hello("a", 1) with { Uptime = 100_000 };

    private AcquaintanceState _state = new();

    [Fact]
    public void Who_says_hello_is_up_at_once_and_once()
    {
        PeerInfo up = Assert.IsType<PeerEffect.Up>(Assert.Single(At(0, new PeerInput.Hello(Hello("b", 2))))).Peer;
        Assert.Equal(("b", "akka.tcp://director@10.3.0.2:4053", 2UL, (ushort)1), (up.Name, up.Address, up.Incarnation, up.Protocol));
        Assert.Empty(At(1, new PeerInput.Hello(Hello("b", 2))));
    }

    [Fact]
    public void Silence_is_down_and_a_beat_is_up_again()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        Assert.Empty(At(1, new PeerInput.Beat(Hello("b", 2).Address, 2)));
        Assert.Empty(At(2.9, new PeerInput.Tick()));
        Assert.Equal(PeerDownReason.Silent, Down(At(3, new PeerInput.Tick())).Reason);
        Assert.IsType<PeerEffect.Up>(Assert.Single(At(4, new PeerInput.Beat(Hello("b", 2).Address, 2))));
    }

    [Fact]
    public void A_closed_connection_is_down_at_once_and_told_once()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        Assert.Equal(PeerDownReason.Closed, Down(At(0.1, new PeerInput.Closed(Hello("b", 2).Address))).Reason);
        Assert.Empty(At(0.2, new PeerInput.Closed(Hello("b", 2).Address)));
        Assert.Empty(At(0.3, new PeerInput.Closed("akka.tcp://director@10.9.9.9:1")));
    }

    [Fact]
    public void A_new_incarnation_is_down_and_up()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        List<PeerEffect> effects = At(0.5, new PeerInput.Hello(Hello("b", 2) with { Incarnation = 9 }));
        Assert.Equal(PeerDownReason.Replaced, Down([effects[0]]).Reason);
        Assert.Equal(9UL, Assert.IsType<PeerEffect.Up>(effects[1]).Peer.Incarnation);
    }

    [Fact]
    public void A_peer_that_does_not_hear_us_for_a_while_is_told_of_once()
    {
        ContactHello deaf = Hello("b", 2);
        for (double second = 0; second < 4.5; second += 0.5)
            Assert.DoesNotContain(At(second, new PeerInput.Hello(deaf)), effect => effect is PeerEffect.Deaf);
        Assert.Equal("b", Assert.IsType<PeerEffect.Deaf>(Assert.Single(At(4.6, new PeerInput.Hello(deaf)))).Name);
        Assert.Empty(At(4.7, new PeerInput.Hello(deaf)));
    }

    [Fact]
    public void A_peer_that_hears_us_now_and_then_is_not_deaf()
    {
        for (double second = 0; second < 20; second += 0.5)
        {
            ContactHello hello = Hello("b", 2) with { Hears = second % 3 == 0 ? [Self.Incarnation] : [] };
            Assert.DoesNotContain(At(second, new PeerInput.Hello(hello)), effect => effect is PeerEffect.Deaf);
        }
    }

    [Fact]
    public void A_beat_of_an_unknown_incarnation_says_nothing()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        At(1.9, new PeerInput.Beat(Hello("b", 2).Address, 8));
        Assert.Equal(PeerDownReason.Silent, Down(At(2, new PeerInput.Tick())).Reason);
    }

    [Fact]
    public void Who_left_stays_down_until_it_is_started_anew()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        PeerDown down = Down(At(0.1, new PeerInput.Leaving(Hello("b", 2).Address, new PeerLeaving(2, "it stops"))));
        Assert.Equal((PeerDownReason.Left, "it stops"), (down.Reason, down.Detail));
        Assert.Empty(At(0.2, new PeerInput.Hello(Hello("b", 2))));
        Assert.Empty(At(0.2, new PeerInput.Beat(Hello("b", 2).Address, 2)));
        Assert.IsType<PeerEffect.Up>(Assert.Single(At(0.3, new PeerInput.Hello(Hello("b", 2) with { Incarnation = 3 }))));
    }

    [Fact]
    public void When_the_link_is_lost_everybody_is_down()
    {
        At(0, new PeerInput.Hello(Hello("b", 2)));
        At(0, new PeerInput.Hello(Hello("c", 3)));
        List<PeerEffect> effects = At(0.1, new PeerInput.LinkLost("anew"));
        Assert.Equal(["b", "c"], effects.Select(effect => Assert.IsType<PeerEffect.Down>(effect).Told.Peer.Name));
        Assert.IsType<PeerEffect.Up>(Assert.Single(At(0.2, new PeerInput.Hello(Hello("b", 2)))));
    }

    [Fact]
    public void Another_key_is_refused_reported_once_and_shown_as_long_as_it_lasts()
    {
        ContactHello other = Hello("b", 2) with { KeyFingerprint = "other" };
        PeerEffect.Report report = Assert.IsType<PeerEffect.Report>(Assert.Single(At(0, new PeerInput.Hello(other))));
        Assert.True(report.IsError);
        Assert.Contains("director b at akka.tcp://director@10.3.0.2:4053 has another director.election.key", report.Text, StringComparison.Ordinal);
        Assert.Empty(At(1, new PeerInput.Hello(other)));
        Assert.Equal([report.Text], _state.Warnings);
        At(11, new PeerInput.Tick());
        Assert.Empty(_state.Warnings);
    }

    [Fact]
    public void A_key_that_was_mended_makes_a_peer()
    {
        At(0, new PeerInput.Hello(Hello("b", 2) with { KeyFingerprint = "other" }));
        Assert.IsType<PeerEffect.Up>(Assert.Single(At(5, new PeerInput.Hello(Hello("b", 2) with { Incarnation = 3 }))));
        Assert.Empty(_state.Warnings);
    }

    [Theory]
    [InlineData(50_000, "give that one, which came later, another director.name")]
    [InlineData(150_000, "give this one, which came later, another director.name")]
    public void Its_own_name_is_refused_and_both_addresses_are_told(ulong uptime, string advice)
    {
        string text = Assert.IsType<PeerEffect.Report>(Assert.Single(At(0, new PeerInput.Hello(Hello("a", 2) with { Uptime = uptime })))).Text;
        Assert.Contains(Self.Address, text, StringComparison.Ordinal);
        Assert.Contains("akka.tcp://director@10.3.0.2:4053", text, StringComparison.Ordinal);
        Assert.Contains(advice, text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_later_one_of_a_name_has_no_peers_at_all()
    {
        At(0, new PeerInput.Hello(Hello("a", 2) with { Uptime = 150_000 }));
        Assert.IsType<PeerEffect.Report>(Assert.Single(At(0, new PeerInput.Hello(Hello("b", 3)))));
        Assert.Empty(_state.Up);
    }

    [Fact]
    public void Of_two_others_with_one_name_the_earlier_stays_a_peer()
    {
        At(0, new PeerInput.Hello(Hello("b", 2) with { Uptime = 60_000 }));
        List<PeerEffect> effects = At(0.1, new PeerInput.Hello(Hello("b", 3) with { Uptime = 5_000 }));
        Assert.Contains("two directors are called 'b'", Assert.IsType<PeerEffect.Report>(Assert.Single(effects)).Text, StringComparison.Ordinal);
        Assert.Equal(["akka.tcp://director@10.3.0.2:4053"], _state.Up.Select(peer => peer.Address));
    }

    [Fact]
    public void Other_interfaces_are_told_and_forgiven()
    {
        List<PeerEffect> effects = At(0, new PeerInput.Hello(Hello("b", 2) with { Interfaces = ["eth1", "eth0"] }));
        PeerEffect.Report report = Assert.IsType<PeerEffect.Report>(effects[0]);
        Assert.False(report.IsError);
        Assert.Contains("[eth1, eth0], this director [eth0, eth1]", report.Text, StringComparison.Ordinal);
        Assert.IsType<PeerEffect.Up>(effects[1]);
    }

    [Fact]
    public void A_newer_one_is_told_and_the_common_format_spoken()
    {
        List<PeerEffect> effects = At(0, new PeerInput.Hello(Hello("b", 2) with { Protocols = new ProtocolRange(1, 2), Version = "2.0" }));
        Assert.Contains("newer version 2.0", Assert.IsType<PeerEffect.Report>(effects[0]).Text, StringComparison.Ordinal);
        Assert.Equal(1, Assert.IsType<PeerEffect.Up>(effects[1]).Peer.Protocol);
    }

    [Fact]
    public void One_with_no_format_in_common_is_refused()
    {
        PeerEffect effect = Assert.Single(At(0, new PeerInput.Hello(Hello("b", 2) with { Protocols = new ProtocolRange(3, 4), Version = "3.0" })));
        Assert.Contains("speaks formats 3-4 with other directors; this one speaks 1", Assert.IsType<PeerEffect.Report>(effect).Text, StringComparison.Ordinal);
    }

    private List<PeerEffect> At(double second, PeerInput input)
    {
        (_state, List<PeerEffect> effects) = PeerStep.Step(Self, _state, input, TimeSpan.FromSeconds(second));
        return effects;
    }

    private static PeerDown Down(List<PeerEffect> effects) => Assert.IsType<PeerEffect.Down>(Assert.Single(effects)).Told;

    private static ContactHello Hello(string name, int host) => new()
    {
        Name = name,
        Address = $"akka.tcp://director@10.3.0.{host}:4053",
        Incarnation = (ulong)host,
        Uptime = 1000,
        Protocols = new ProtocolRange(1, 1),
        Version = "1.0",
        KeyFingerprint = "same",
        Interfaces = ["eth0", "eth1"],
    };
}
