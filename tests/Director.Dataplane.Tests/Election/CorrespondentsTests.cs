using Director.Dataplane.Election;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Election;

public sealed class CorrespondentsTests
{
    private const ulong Us = 1;
    private const ulong Peer = 2;
    private const long Second = 1_000_000;

    private static readonly MacAddress Mac = new(0x02000000000B);

    private readonly Correspondents _peers;
    private ulong _random = 1000;

    public CorrespondentsTests()
    {
        _peers = new Correspondents(Us, () => _random++);
        _peers.Renew();
    }

    [Fact]
    public void A_director_is_believed_once_it_echoes_our_nonce()
    {
        Assert.Equal(FrameVerdict.Unproven, Hear(sequence: 1, echo: 0));
        Assert.Equal(FrameVerdict.Believed, Hear(sequence: 2, echo: _peers.Nonce));
        Assert.Equal(FrameVerdict.Believed, Hear(sequence: 3, echo: 0));
    }

    [Fact]
    public void Its_nonce_is_there_to_be_echoed_before_it_is_believed()
    {
        Hear(sequence: 1, echo: 0);
        Assert.Equal(77ul, _peers.All[0].Nonce);
        Assert.Equal(Mac, _peers.All[0].Mac);
        Assert.Equal(-1, _peers.All[0].HeardOnSegment);
    }

    [Fact]
    public void A_recording_of_this_incarnation_is_stale()
    {
        Hear(sequence: 5, echo: _peers.Nonce);
        Assert.Equal(FrameVerdict.Stale, Hear(sequence: 5, echo: _peers.Nonce));
        Assert.Equal(FrameVerdict.Stale, Hear(sequence: 4, echo: _peers.Nonce));
    }

    [Fact]
    public void A_recording_of_an_earlier_incarnation_is_not_proven()
    {
        ulong old = _peers.Nonce;
        Hear(sequence: 5, echo: old, incarnation: 8);
        for (int second = 0; second < 4; second++)
            _peers.Renew();
        Hear(sequence: 1, echo: _peers.Nonce, incarnation: 9);
        Assert.Equal(FrameVerdict.Unproven, Hear(sequence: 6, echo: old, incarnation: 8));
    }

    [Fact]
    public void What_was_recorded_while_it_was_out_of_reach_is_worth_nothing_after_some_seconds()
    {
        Hear(sequence: 5, echo: _peers.Nonce, now: 0);
        Assert.Equal(FrameVerdict.Believed, Hear(sequence: 6, echo: 0, now: 5 * Second));
        Assert.Equal(FrameVerdict.Unproven, Hear(sequence: 7, echo: 0, now: 5 * Second + 1));
    }

    [Fact]
    public void A_frame_that_comes_on_both_ways_counts_once_and_both_ways_are_noted()
    {
        Assert.Equal(FrameVerdict.Believed, Hear(sequence: 5, echo: _peers.Nonce, now: 10));
        Assert.Equal(FrameVerdict.Stale, HearOverCluster(5, now: 20));
        Assert.Equal((10L, 20L), (_peers.All[0].HeardOnSegment, _peers.All[0].HeardOverCluster));
        Assert.Equal(FrameVerdict.Stale, HearOverCluster(4, now: 30));
        Assert.Equal(20, _peers.All[0].HeardOverCluster);
    }

    [Fact]
    public void Our_own_is_told_from_a_namesakes()
    {
        ElectionFrame own = Frame(1, 0, Us) with { Incarnation = _peers.Incarnation };
        Assert.Equal(FrameVerdict.Own, _peers.Judge(own, Mac, 0));
        Assert.Equal(FrameVerdict.Namesake, _peers.Judge(own with { Incarnation = _peers.Incarnation + 1 }, Mac, 0));
        Assert.Equal(0, _peers.Count);
    }

    [Fact]
    public void Who_is_silent_for_ten_seconds_is_forgotten()
    {
        Hear(sequence: 1, echo: _peers.Nonce, now: 0);
        _peers.Forget(10 * Second);
        Assert.Equal(1, _peers.Count);
        _peers.Forget(10 * Second + 1);
        Assert.Equal(0, _peers.Count);
    }

    [Fact]
    public void One_too_many_takes_the_place_of_the_most_silent()
    {
        for (ulong id = 0; id < Correspondents.Most; id++)
            _peers.Judge(Frame(1, _peers.Nonce, Peer + id), Mac, (long)(100 - id));
        _peers.Judge(Frame(1, _peers.Nonce, 99), Mac, 200);
        Assert.Equal(Correspondents.Most, _peers.Count);
        ulong[] ids = [.. _peers.All.ToArray().Select(each => each.Id)];
        Assert.Contains(99ul, ids);
        Assert.DoesNotContain(Peer + Correspondents.Most - 1, ids);
    }

    private FrameVerdict Hear(ulong sequence, ulong echo, ulong incarnation = 8, long now = 0) =>
        _peers.Judge(Frame(sequence, echo) with { Incarnation = incarnation }, Mac, now);

    private FrameVerdict HearOverCluster(ulong sequence, long now = 0) => _peers.Judge(Frame(sequence, _peers.Nonce), null, now);

    private static ElectionFrame Frame(ulong sequence, ulong echo, ulong id = Peer) => new()
    {
        Message = new ElectionMessage(ElectionMessageKind.Announcement, id, 100, 1),
        Incarnation = 8,
        Sequence = sequence,
        Nonce = 77,
        Echo = echo,
    };
}
