using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Control;
using Director.Dataplane.Election;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;
using ElectionPhase = Director.Model.ElectionPhase;

namespace Director.Engine;

/// <summary>
/// This engine's candidacy: the election's thread, the epochs on the disk, what is told to it and what it tells. Control thread only.
/// </summary>
internal sealed class Candidacy : IDisposable
{
    private static readonly TimeSpan ResignPatience = TimeSpan.FromMilliseconds(500);

    // So long the engine goes on without a directord as if nothing were.
    private static readonly TimeSpan DirectordPatience = TimeSpan.FromSeconds(5);

    private readonly ElectionConfiguration _election;
    private readonly EpochFile _epochs;
    private readonly ControlLoop _loop;
    private readonly EngineLog _log;
    private readonly Action _ownershipChanged;
    private readonly Ownership _ownership;
    private readonly Action<EngineEvent> _told;

    // Told until the next start; no reason to step aside.
    private readonly string[] _lasting;
    private ElectionThread _thread;
    private ElectionAddress _address;
    private LinkWatch _links;
    private LoopTimer? _orphaned;
    private string[] _troubles = [];
    private bool _hasDirectord = true;
    private bool _stands;

    /// <param name="election">Of this director.</param>
    /// <param name="engine">Its interfaces and group.</param>
    /// <param name="interfaces">As they are open.</param>
    /// <param name="ownership">Shared with the packet thread.</param>
    /// <param name="loop">Of the control thread.</param>
    /// <param name="log">Each change is a line in it.</param>
    /// <param name="ownershipChanged">Called on the election's thread.</param>
    /// <param name="told">For directord; from any thread.</param>
    /// <exception cref="EngineException">The file or the interface.</exception>
    public Candidacy(
        ElectionConfiguration election, EngineConfiguration engine, EngineInterface[] interfaces, Ownership ownership, ControlLoop loop, EngineLog log,
        Action ownershipChanged, Action<EngineEvent> told)
    {
        _election = election;
        _ownership = ownership;
        _loop = loop;
        _log = log;
        _ownershipChanged = ownershipChanged;
        _told = told;
        Signatures.Require();
        _epochs = EpochFile.Open(election.EpochFile);
        _lasting = [.. Lasting()];
        foreach (string lasting in _lasting)
            _log.Warning(lasting);
        if (election.Address is not null && Wanted is null)
            _log.Warning($"election.address {election.Address} is not IPv4: the election is held by ARP, with the first IPv4 address that there is, or none");
        ownership.Until = 0;
        _thread = Begin(engine);
        _links = new LinkWatch(election, interfaces, loop, () => _thread.SegmentIsSilent, LinksChanged);
        TellFitness();
    }

    /// <summary><c>election.address</c>, if it is set and one that ARP can speak of.</summary>
    public IPAddress? Wanted => _election.Address is { AddressFamily: AddressFamily.InterNetwork } address ? address : null;

    public bool IsOf(ElectionConfiguration election) => _election.IsSameAs(election);

    /// <summary>On other interfaces from now on.</summary>
    public void Move(EngineConfiguration engine, EngineInterface[] interfaces)
    {
        _thread.Dispose();
        _links.Dispose();
        _thread = Begin(engine);
        _links = new LinkWatch(_election, interfaces, _loop, () => _thread.SegmentIsSilent, LinksChanged);
        Stand(_stands);
        TellFitness();
    }

    /// <summary>It may own, its tables being in place; or not.</summary>
    public void Stand(bool stands)
    {
        _stands = stands;
        _thread.Post(elector => elector.Tell(ElectionInput.Eligible(stands)));
    }

    public void Announce(IpAddress? address, bool isOwned, EngineInterface on)
    {
        ElectionAddress now = new(address?.Ipv4 ?? 0, isOwned, on.AnswerMac, on.OwnMac);
        if (now == _address)
            return;
        _address = now;
        _thread.Post(elector => elector.Use(now));
    }

    /// <summary>Gateways or real servers may be others now.</summary>
    public void Follow(NetworkView network, IEnumerable<IpAddress> realServers) => _links.Follow(network, realServers);

    /// <summary>An owner whose directord stays away hands over, if another director can take over; else it goes on.</summary>
    public void Controlled(bool controlled)
    {
        _orphaned?.Dispose();
        _orphaned = null;
        if (controlled)
            SetDirectord(true);
        else
            _orphaned = _loop.After(DirectordPatience, () => SetDirectord(false));
    }

    public void Hear(ReadOnlySpan<byte> frame)
    {
        byte[] kept = frame.ToArray();
        _thread.Post(elector => elector.HearOverCluster(kept));
    }

    public void Hint(ElectionHint hint, ulong director)
    {
        ElectionInput input = hint switch
        {
            ElectionHint.PeerGone => ElectionInput.PeerGone(director),
            ElectionHint.PeerDead => ElectionInput.PeerDead(director),
            ElectionHint.Resign => ElectionInput.Resign(director, ElectionReason.Planned),
            _ => ElectionInput.Synced(director != 0),
        };
        _thread.Post(elector => elector.Tell(input));
    }

    /// <summary>Gives away what it owns, before it ends; returns when that is said.</summary>
    public void Resign()
    {
        using ManualResetEventSlim said = new(false);
        _thread.Post(elector =>
        {
            elector.Tell(ElectionInput.Resign(0, ElectionReason.Stopping));
            said.Set();
        });
        _ = said.Wait(ResignPatience);
    }

    public void Dispose()
    {
        _orphaned?.Dispose();
        _links.Dispose();
        _thread.Dispose();
        _epochs.Dispose();
    }

    private IEnumerable<string> Lasting()
    {
        if (_epochs.Damage is { } damage)
            yield return $"epoch file {_election.EpochFile}: {damage}";
        if (_election.TrackAddresses.Where(each => each.AddressFamily != AddressFamily.InterNetwork).ToArray() is { Length: > 0 } untracked)
            yield return $"election.track-addresses: {string.Join(", ", untracked.AsEnumerable())} cannot be asked by ARP and are not tracked";
    }

    private void SetDirectord(bool there)
    {
        _hasDirectord = there;
        TellFitness();
    }

    private void LinksChanged(string[] troubles)
    {
        _troubles = troubles;
        if (troubles.Length == 0)
            _log.Information("every link of the election is sound");
        else
            _log.Warning($"links: {string.Join("; ", troubles)}");
        TellFitness();
    }

    private void TellFitness()
    {
        bool fit = _hasDirectord && _troubles.Length == 0;
        string[] troubles = _hasDirectord ? [.. _lasting, .. _troubles] : [.. _lasting, "no directord for 5 s", .. _troubles];
        _thread.Post(elector => elector.SetFit(fit, troubles));
    }

    private ElectionThread Begin(EngineConfiguration engine)
    {
        ElectionThread thread = new(_election, engine, _ownership, _epochs.Reserved, Reserve, Changed, _told);
        ElectionAddress address = _address;
        thread.Post(elector => elector.Use(address));
        thread.Start();
        return thread;
    }

    // On the election's thread, which waits for no disk.
    private void Reserve(ulong epoch) => _loop.Post(() =>
    {
        ElectionInput outcome;
        try
        {
            _epochs.Reserve(epoch);
            outcome = ElectionInput.EpochsReserved(epoch);
        }
        catch (IOException failure)
        {
            _log.Error($"epoch file {_election.EpochFile}: {failure.Message}");
            outcome = ElectionInput.ReservationFailed;
        }
        _thread.Post(elector => elector.Tell(outcome));
    });

    private void Changed(ElectionStatus status)
    {
        _ownershipChanged();
        _loop.Post(() => _log.Information(status.Phase switch
        {
            ElectionPhase.Owner => $"owner of group addresses with epoch {status.Epoch}: {status.Reason}"
                + (status.GapMilliseconds >= 0 ? $"; {status.GapMilliseconds} ms after the last word of the owner before" : ""),
            ElectionPhase.Probing => $"probing: {status.Reason}",
            _ => $"standby: {status.Reason}",
        }));
    }
}
