using Director.Dataplane.Control;
using Director.Dataplane.Wire;
using Director.Model;
using Peer = Director.Model.ElectionPeer;
using Phase = Director.Model.ElectionPhase;

namespace Director.Dataplane.Election;

/// <summary>
/// One engine's part in the election: frames in, <see cref="ElectionStep"/>, frames and the lease out. The election thread calls it;
/// all times are microseconds of the boot-time clock.
/// </summary>
public sealed class Elector
{
    private const long Second = 1_000_000;
    private const long ClaimedSpacing = 100_000; // between broadcasts while somebody else claims the address

    private readonly ElectionSettings _settings;
    private readonly byte _group;
    private readonly byte[] _key;
    private readonly Ownership _ownership;
    private readonly IElectionOutput _output;
    private readonly Func<long> _clock;
    private readonly Correspondents _others;
    private readonly ElectionAlarms _alarms = new();
    private readonly byte[] _frame = new byte[EthernetHeader.Length + ArpPacket.Length + ElectionFrame.Length];
    private ElectionState _state;
    private ElectionAddress _address;
    private ulong _sequence;
    private long _housekeepingAt;
    private long _broadcastAt;
    private long _silentSince;
    private long _announcedAt;
    private long _gap = -1;
    private string[] _troubles = [];

    /// <param name="configuration">Of this director.</param>
    /// <param name="group">Of the addresses; frames of others are not ours.</param>
    /// <param name="ownership">Where the lease goes.</param>
    /// <param name="output">Where frames go.</param>
    /// <param name="clock">Microseconds.</param>
    /// <param name="random">For nonces.</param>
    /// <param name="epochFloor">What is reserved on the disk.</param>
    public Elector(
        ElectionConfiguration configuration, byte group, Ownership ownership, IElectionOutput output, Func<long> clock, Func<ulong> random, ulong epochFloor)
    {
        _settings = new ElectionSettings(
            configuration.Id, configuration.Priority, configuration.AnnounceInterval, configuration.MissedAnnouncements,
            configuration.Preempt, alone: configuration.Peers == 0);
        _group = group;
        _key = configuration.Key;
        _ownership = ownership;
        _output = output;
        _clock = clock;
        _others = new Correspondents(configuration.Id, random);
        _others.Renew();
        _state = ElectionState.Start(_settings, epochFloor, clock());
    }

    /// <summary>When <see cref="Tick"/> is to be called, at the latest.</summary>
    public long NextAt => Math.Min(_state.NextAt, _housekeepingAt);

    public Phase Phase => _state.Phase switch
    {
        ElectionPhase.Owner => Phase.Owner,
        ElectionPhase.Probing => Phase.Probing,
        _ => Phase.Standby,
    };

    /// <summary>Other directors are heard over the cluster link, and none of them on the segment.</summary>
    public bool IsSegmentSilent => _others.IsSegmentSilent(_clock(), _settings.Silence);

    /// <summary>What is announced, and from where.</summary>
    public void Use(ElectionAddress address) => _address = address;

    /// <summary>From the segment: a frame with its Ethernet header.</summary>
    public void HearOnSegment(Span<byte> ethernet)
    {
        if (!EthernetHeader.TryParse(ethernet, out EthernetHeader header, out _) || header.EtherType != EtherType.Arp
            || !ArpPacket.TryParse(header.Payload, out ArpPacket arp, out _))
        {
            return;
        }
        ReadOnlySpan<byte> frame = header.Payload[ArpPacket.Length..];
        if (ElectionFrame.IsOne(frame, _group))
            Hear(frame, header.Source);
        else if (_address is { IsOwned: true, Address: not 0 } && arp.SenderAddress == _address.Address && IsForeign(arp.SenderMac) && _state.Phase == ElectionPhase.Owner)
            Claimed(arp.SenderMac);
    }

    /// <summary>Over the cluster link.</summary>
    public void HearOverCluster(ReadOnlySpan<byte> frame)
    {
        if (ElectionFrame.IsOne(frame, _group))
            Hear(frame, null);
    }

    /// <summary>Whether this director's links lead everywhere; what is wrong goes into the status.</summary>
    public void SetFit(bool fit, string[] troubles)
    {
        _troubles = troubles;
        Step(fit ? ElectionInput.Fit : ElectionInput.Unfit, _clock());
    }

    public void Tell(in ElectionInput input) => Step(input, _clock());

    /// <summary>What time brings.</summary>
    public void Tick()
    {
        long now = _clock();
        if (now >= _housekeepingAt)
        {
            _housekeepingAt = now + Second;
            _others.Renew();
            _others.Forget(now);
            _ownership.Directors = _others.Macs();
            Step(ElectionInput.Time, now);
            _output.Tell(Status(now));
        }
        else if (now >= _state.NextAt)
        {
            Step(ElectionInput.Time, now);
        }
    }

    public ElectionStatus Status(long now) => new(
        Phase, _state.OwnerEpoch, _state.OwnerId, (now - _state.Since) / 1000, ElectionWords.Of(_state.Reason), _gap,
        [.. _others.All.ToArray().Where(each => each.LastHeard >= 0 && each.Sequence != 0).Select(each => Describe(each, now))],
        [.. _alarms.Texts(now), .. _troubles.Select(trouble => $"election: {trouble}")]);

    private static Peer Describe(Correspondents.Correspondent each, long now) => new(
        each.Id,
        each.Kind switch
        {
            ElectionMessageKind.Announcement => Phase.Owner,
            ElectionMessageKind.Probe => Phase.Probing,
            _ => Phase.Standby,
        },
        each.Epoch,
        each.HeardOnSegment < 0 ? -1 : (now - each.HeardOnSegment) / 1000,
        each.HeardOverCluster < 0 ? -1 : (now - each.HeardOverCluster) / 1000);

    private bool IsForeign(MacAddress mac) => mac != _address.AnswerMac && mac != _address.OwnMac && !_ownership.IsDirector(mac);

    private void Hear(ReadOnlySpan<byte> bytes, MacAddress? source)
    {
        long now = _clock();
        if (!ElectionFrame.TryRead(bytes, _key, out ElectionFrame frame))
        {
            _alarms.Raise(ElectionTrouble.WrongKey, source ?? default, now);
            Meet(frame, source, namesake: false, now);
            return;
        }
        switch (_others.Judge(frame, source, now))
        {
            case FrameVerdict.Believed:
                if (source is { } mac && !_ownership.IsDirector(mac))
                    _ownership.Directors = _others.Macs();
                Step(ElectionInput.Heard(frame.Message), now);
                break;
            case FrameVerdict.Unproven:
                // With our nonce, so that it can show that it speaks now.
                Say(ElectionMessage.Hello(_settings, _state, default), broadcast: false);
                break;
            case FrameVerdict.Namesake:
                _alarms.Raise(ElectionTrouble.Namesake, source ?? default, now);
                Meet(frame, source, namesake: true, now);
                break;
        }
    }

    /// <summary>
    /// A director that is none of ours must not own beside us, whichever of the two is set up wrongly: who owns answers its probe,
    /// with its nonce, and who is answered so does not claim. Directors that have owned, or heard an owner, are not kept from it by
    /// what anybody may have forged.
    /// </summary>
    private void Meet(in ElectionFrame frame, MacAddress? source, bool namesake, long now)
    {
        // Over the cluster link directord lets in no such director.
        if (source is not { } mac || frame.Message.Kind is not (ElectionMessageKind.Announcement or ElectionMessageKind.Probe))
            return;
        bool owns = _state.Phase == ElectionPhase.Owner;
        if (_others.IsOurs(frame.Echo))
        {
            if (!owns || (namesake && (frame.Message.Epoch, frame.Incarnation).CompareTo((_state.Epoch, _others.Incarnation)) > 0))
                Step(ElectionInput.Objection(namesake), now);
        }
        else if (owns && (namesake || frame.Message.Kind == ElectionMessageKind.Probe))
        {
            SendOnSegment(ElectionMessage.Announcement(_settings, _state), mac, frame.Nonce);
        }
        else if (frame.Message.Kind == ElectionMessageKind.Announcement)
        {
            Step(ElectionInput.StrangerOwns, now);
        }
        else if (_state.Phase == ElectionPhase.Probing && IsBehind(frame))
        {
            SendOnSegment(ElectionMessage.Probe(_settings, _state), mac, frame.Nonce);
        }
    }

    private bool IsBehind(in ElectionFrame frame) =>
        (frame.Message.Priority, frame.Message.Id, frame.Incarnation).CompareTo((_settings.Priority, _settings.Id, _others.Incarnation)) < 0;

    private void Claimed(MacAddress by)
    {
        long now = _clock();
        _alarms.Raise(ElectionTrouble.ForeignClaim, by, now);
        Step(ElectionInput.ForeignClaim, now);
        // Whom it misled the next announcement sets right, not only that of a second later.
        _broadcastAt = Math.Min(_broadcastAt, Math.Max(now, _broadcastAt - Second + ClaimedSpacing));
    }

    private void Step(in ElectionInput input, long now)
    {
        long heard = _state.OwnerHeardAt;
        _state = ElectionStep.Step(_settings, _state, input, now, out ElectionActions actions);
        // Before anything is said: an owner that is to release has stopped when it tells.
        _ownership.Until = _state.LeaseUntil * 1000;
        if (actions.Flags == ElectionAction.None)
            return;
        if (actions.Has(ElectionAction.Take))
            _silentSince = Math.Max(heard, _announcedAt);
        Perform(actions, now);
    }

    private void Perform(in ElectionActions actions, long now)
    {
        if (actions.Has(ElectionAction.TellResignation))
            Say(ElectionMessage.Resignation(_settings, _state, actions), broadcast: true);
        if (actions.Has(ElectionAction.Announce))
            Announce(burst: actions.Has(ElectionAction.Take));
        if (actions.Has(ElectionAction.Probe))
        {
            bool sent = Say(ElectionMessage.Probe(_settings, _state), broadcast: true);
            Step(sent ? ElectionInput.ProbeSent : ElectionInput.SendFailed, _clock());
        }
        if (actions.Has(ElectionAction.Hello))
            Say(ElectionMessage.Hello(_settings, _state, actions), broadcast: Broadcasts(now));
        if (actions.Has(ElectionAction.Defend))
            SendOnSegment(ElectionMessage.Announcement(_settings, _state), MacAddress.Broadcast, 0);
        if (actions.Has(ElectionAction.Reserve))
            _output.Reserve(actions.ReserveUntil);
        if (actions.Has(ElectionAction.Alarm))
            _alarms.Raise(actions.Alarm, now);
        if (actions.Has(ElectionAction.Refused))
            _alarms.Raise(ElectionTrouble.NobodyToResignTo, default, now);
        if (actions.Has(ElectionAction.Changed) || actions.Has(ElectionAction.Take) || actions.Has(ElectionAction.Release))
            _output.Changed(Status(now));
    }

    private void Announce(bool burst)
    {
        long at = _clock();
        if (!_output.MayAnnounce)
        {
            Step(ElectionInput.SendFailed, at);
            return;
        }
        bool sent = Say(ElectionMessage.Announcement(_settings, _state), broadcast: burst || Broadcasts(at));
        if (sent && _silentSince > 0)
            _gap = (_clock() - _silentSince) / 1000;
        if (sent)
            (_announcedAt, _silentSince) = (at, 0);
        Step(sent ? ElectionInput.AnnouncementSent(at) : ElectionInput.SendFailed, _clock());
    }

    // To all at once a second at most: a switch may count ARP broadcasts.
    private bool Broadcasts(long now)
    {
        if (now < _broadcastAt)
            return false;
        _broadcastAt = now + Second;
        return true;
    }

    /// <summary>To each director that is known, on the segment and then over the cluster link.</summary>
    private bool Say(in ElectionMessage message, bool broadcast)
    {
        bool sent = true;
        if (broadcast)
            sent &= SendOnSegment(message, MacAddress.Broadcast, _others.Count > 0 ? _others.All[0].Nonce : 0);
        for (int i = 0; i < _others.Count; i++)
        {
            if (_others.All[i].Mac != default)
                sent &= SendOnSegment(message, _others.All[i].Mac, _others.All[i].Nonce);
        }
        // Even if nothing was to be sent.
        sent &= _output.HasCarrier;
        // What the segment does not hear is no claim and no question. A resignation or a hello is true without it: an owner whose
        // segment is gone has nothing but the cluster link to say so.
        if (!sent && message.Kind is ElectionMessageKind.Announcement or ElectionMessageKind.Probe)
            return false;
        for (int i = 0; i < Math.Max(_others.Count, 1); i++)
        {
            Span<byte> frame = _frame.AsSpan(0, ElectionFrame.Length);
            Frame(message, i < _others.Count ? _others.All[i].Nonce : 0).Write(frame, _key);
            _output.SendOverCluster(frame);
        }
        return sent;
    }

    private bool SendOnSegment(in ElectionMessage message, MacAddress to, ulong echo)
    {
        bool owned = message.Kind == ElectionMessageKind.Announcement && _address.IsOwned;
        MacAddress from = owned ? _address.AnswerMac : _address.OwnMac;
        EthernetHeader.Write(_frame, to, from, EtherType.Arp);
        Frame(message, echo).WriteArp(_frame.AsSpan(EthernetHeader.Length), from, _address.Address, _key);
        return _output.Send(_frame);
    }

    private ElectionFrame Frame(in ElectionMessage message, ulong echo)
    {
        _sequence = Math.Max(_sequence + 1, (ulong)_clock());
        return new ElectionFrame
        {
            Message = message,
            Group = _group,
            Incarnation = _others.Incarnation,
            Sequence = _sequence,
            Nonce = _others.Nonce,
            Echo = echo,
        };
    }
}
