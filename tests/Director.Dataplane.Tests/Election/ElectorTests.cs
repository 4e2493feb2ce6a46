using Director.Dataplane.Control;
using Director.Dataplane.Election;
using Director.Dataplane.Wire;
using Director.Model;
using Phase = Director.Model.ElectionPhase;

namespace Director.Dataplane.Tests.Election;

/// <summary>Electors that hear each other's frames as the wire carries them, on a clock that the test moves.</summary>
public sealed class ElectorTests
{
    private const uint Vip = 0x0A010064;

    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    private readonly List<Station> _stations = [];
    private readonly List<byte[]> _onSegment = [];
    private long _now = 1_000_000;

    [Fact]
    public void One_of_two_owns_and_both_say_who()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station owner = Assert.Single(_stations, each => each.Elector.Phase == Phase.Owner);
        Assert.True(owner.Ownership.Holds(_now * 1000));
        Assert.False(Other(owner).Ownership.Holds(_now * 1000));
        Assert.All(_stations, each => Assert.Equal(owner.Id, each.Elector.Status(_now).Owner));
        Assert.Equal([Other(owner).Mac], owner.Ownership.Directors);
    }

    [Fact]
    public void The_other_takes_over_from_one_that_vanishes_and_measures_the_gap()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station gone = Owner();
        _stations.Remove(gone);
        Pass(milliseconds: 300);
        Station owner = Owner();
        Assert.NotSame(gone, owner);
        Assert.InRange(owner.Elector.Status(_now).GapMilliseconds, 120, 200);
    }

    [Fact]
    public void One_that_stood_still_does_not_hold_and_stands_by_when_it_wakes()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station frozen = Owner();
        _stations.Remove(frozen);
        Pass(milliseconds: 500);
        Assert.False(frozen.Ownership.Holds(_now * 1000));
        _stations.Add(frozen);
        Pass(milliseconds: 500);
        Assert.Equal(Phase.Standby, frozen.Elector.Phase);
        Assert.NotSame(frozen, Owner());
    }

    [Fact]
    public void Recorded_announcements_keep_no_dead_owner_alive()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station gone = Owner();
        byte[][] recorded = [.. _onSegment.TakeLast(200)];
        _stations.Remove(gone);
        int next = 0;
        Pass(milliseconds: 400, each: () => _stations[0].Elector.HearOnSegment(recorded[next++ % recorded.Length].ToArray()));
        Assert.NotSame(gone, Owner());
    }

    [Fact]
    public void Another_key_is_reported_and_moves_nobody()
    {
        (Station a, _) = Pair();
        Pass(milliseconds: 1000);
        Station owner = Owner();
        Station stranger = Join(id: 9, mac: 0x02000000000C, key: "another");
        Pass(milliseconds: 1000);
        Assert.Same(owner, _stations.First(each => each != stranger && each.Elector.Phase == Phase.Owner));
        Assert.Contains(a.Elector.Status(_now).Warnings, warning => warning.Contains("another election.key", StringComparison.Ordinal));
    }

    [Fact]
    public void A_namesake_is_reported()
    {
        (Station a, _) = Pair();
        Join(id: a.Id, mac: 0x02000000000C);
        Pass(milliseconds: 1000);
        Assert.Contains(a.Elector.Status(_now).Warnings, warning => warning.Contains("director.name", StringComparison.Ordinal));
    }

    /// <summary>Whichever of the two is set up wrongly: the one that owns goes on, the other does not own beside it, and both tell.</summary>
    [Theory]
    [InlineData(1, "sesame")]
    [InlineData(1, "another")]
    [InlineData(9, "another")]
    public void One_that_is_none_of_ours_does_not_own_beside_us_and_does_when_we_are_gone(ulong id, string key)
    {
        Station first = Join(id: 1, mac: 0x02000000000A);
        Pass(milliseconds: 1000);
        Station second = Join(id, mac: 0x02000000000C, key);
        Pass(milliseconds: 8000, each: () => Assert.Same(first, Owner()));
        Assert.All(_stations, each => Assert.NotEmpty(each.Elector.Status(_now).Warnings));
        _stations.Remove(first);
        Pass(milliseconds: 3500);
        Assert.Same(second, Owner());
    }

    [Theory]
    [InlineData(1, "sesame")]
    [InlineData(1, "another")]
    [InlineData(9, "another")]
    public void Of_two_that_start_at_once_and_are_none_of_each_others_one_owns(ulong id, string key)
    {
        Station one = Join(id: 1, mac: 0x02000000000A);
        for (int apart = 0; apart < 60; apart++)
        {
            Station other = Join(id, mac: 0x02000000000C + (ulong)apart, key);
            Pass(milliseconds: 1500);
            Owner();
            _stations.Clear();
            one = Join(id: 1, mac: 0x02000000010A + (ulong)apart);
            Pass(apart * 4);
        }
    }

    [Fact]
    public void Of_two_owners_of_one_name_that_come_to_hear_each_other_one_stays()
    {
        _segmentIsCut = true;
        Station one = Join(id: 1, mac: 0x02000000000A), two = Join(id: 1, mac: 0x02000000000C);
        Pass(milliseconds: 1000);
        Assert.Equal((Phase.Owner, Phase.Owner), (one.Elector.Phase, two.Elector.Phase));
        _segmentIsCut = false;
        Pass(milliseconds: 1100);
        Owner();
    }

    /// <summary>One that has heard an owner takes over, whatever somebody without the key says.</summary>
    [Fact]
    public void An_objection_without_the_key_keeps_nobody_from_taking_over()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station gone = Owner(), forger = Join(id: 9, mac: 0x02000000000C, key: "another");
        Pass(milliseconds: 1000);
        _stations.Remove(gone);
        Pass(milliseconds: 300);
        Assert.Equal(Phase.Owner, _stations.Single(each => each != forger).Elector.Phase);
    }

    [Fact]
    public void A_foreign_claim_is_defended_reported_and_not_yielded_to()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station owner = Owner();
        byte[] claim = new byte[EthernetHeader.Length + ArpPacket.Length];
        MacAddress foreign = new(0x02000000000F);
        EthernetHeader.Write(claim, MacAddress.Broadcast, foreign, EtherType.Arp);
        ArpPacket.Write(claim.AsSpan(EthernetHeader.Length), ArpPacket.Request, foreign, Vip, default, Vip);
        int before = owner.Broadcasts;
        owner.Elector.HearOnSegment(claim);
        Assert.True(owner.Broadcasts > before);
        Pass(milliseconds: 100);
        Assert.Same(owner, Owner());
        Assert.Contains(owner.Elector.Status(_now).Warnings, warning => warning.Contains(foreign.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public void A_planned_hand_over_takes_no_silence()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station first = Owner();
        first.Elector.Tell(ElectionInput.Resign(0, ElectionReason.Planned));
        Pass(milliseconds: 5);
        Assert.NotSame(first, Owner());
    }

    [Fact]
    public void With_the_segment_cut_the_cluster_link_is_enough_to_stand_by()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station owner = Owner();
        _segmentIsCut = true;
        Pass(milliseconds: 1000);
        Assert.Same(owner, Owner());
        Assert.Equal(Phase.Standby, Other(owner).Elector.Phase);
    }

    [Fact]
    public void An_owner_whose_segment_is_gone_hands_over_by_the_cluster_link()
    {
        Pair();
        Pass(milliseconds: 1000);
        Station owner = Owner();
        owner.HasCarrier = false;
        owner.Elector.Tell(ElectionInput.CarrierLost);
        Pass(milliseconds: 5);
        Assert.NotSame(owner, Owner());
        Assert.False(owner.Ownership.Holds(_now * 1000));
    }

    [Fact]
    public void A_segment_that_hears_nobody_while_the_cluster_link_does_is_known_to_be_silent()
    {
        Pair();
        Pass(milliseconds: 1000);
        Assert.All(_stations, each => Assert.False(each.Elector.IsSegmentSilent));
        _segmentIsCut = true;
        Pass(milliseconds: 200);
        Assert.All(_stations, each => Assert.True(each.Elector.IsSegmentSilent));
        _stations.RemoveAt(1);
        Pass(milliseconds: 200);
        Assert.False(_stations[0].Elector.IsSegmentSilent); // nobody is there at all
    }

    private bool _segmentIsCut;

    private (Station A, Station B) Pair() => (Join(id: 1, mac: 0x02000000000A), Join(id: 2, mac: 0x02000000000B));

    private Station Join(ulong id, ulong mac, string key = "sesame")
    {
        Station station = new(this, id, new MacAddress(mac), key);
        _stations.Add(station);
        return station;
    }

    private Station Owner() => Assert.Single(_stations, each => each.Elector.Phase == Phase.Owner);

    private Station Other(Station one) => _stations.Single(each => each != one);

    private void Pass(int milliseconds, Action? each = null)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            _now += 1000;
            each?.Invoke();
            foreach (Station station in _stations.ToArray())
                station.Elector.Tick();
            foreach (Station station in _stations.ToArray())
                station.Deliver();
        }
    }

    private sealed class Station : IElectionOutput
    {
        private readonly ElectorTests _world;
        private readonly Queue<(byte[] Frame, bool OnSegment)> _waiting = new();
        private ulong _random;

        public Station(ElectorTests world, ulong id, MacAddress mac, string key)
        {
            _world = world;
            Id = id;
            Mac = mac;
            _random = mac.Value << 8;
            Elector = new Elector(
                new ElectionConfiguration { Id = id, Key = System.Text.Encoding.UTF8.GetBytes(key), EpochFile = "" },
                1, Ownership, this, () => world._now, () => ++_random, epochFloor: 0);
            Elector.Use(new ElectionAddress(Vip, true, Virtual, mac));
            Elector.Tell(ElectionInput.Eligible(true));
        }

        public ulong Id { get; }

        public MacAddress Mac { get; }

        public Ownership Ownership { get; } = new();

        public Elector Elector { get; }

        public int Broadcasts { get; private set; }

        public bool HasCarrier { get; set; } = true;

        public bool MayAnnounce => true;

        public bool Send(ReadOnlySpan<byte> ethernet)
        {
            if (!HasCarrier)
                return false;
            byte[] frame = ethernet.ToArray();
            if (MacAddress.Read(frame) == MacAddress.Broadcast)
                Broadcasts++;
            _world._onSegment.Add(frame);
            if (_world._segmentIsCut)
                return true;
            foreach (Station other in _world._stations.Where(each => each != this && _world._stations.Contains(this)))
                other._waiting.Enqueue((frame, true));
            return true;
        }

        public void SendOverCluster(ReadOnlySpan<byte> frame)
        {
            byte[] kept = frame.ToArray();
            foreach (Station other in _world._stations.Where(each => each != this && _world._stations.Contains(this)))
                other._waiting.Enqueue((kept, false));
        }

        public void Reserve(ulong epoch) => _reserved = epoch;

        public void Changed(ElectionStatus status) => Tell(status);

        public void Tell(ElectionStatus status) => Assert.Equal(Elector.Phase, status.Phase);

        private ulong _reserved;

        public void Deliver()
        {
            if (_reserved != 0)
            {
                ulong reserved = _reserved;
                _reserved = 0;
                Elector.Tell(ElectionInput.EpochsReserved(reserved));
            }
            while (_waiting.TryDequeue(out (byte[] Frame, bool OnSegment) next))
            {
                if (next.OnSegment)
                    Elector.HearOnSegment(next.Frame);
                else
                    Elector.HearOverCluster(next.Frame);
            }
        }
    }
}
