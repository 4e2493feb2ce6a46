using Director.Dataplane.Control;
using Director.Dataplane.Election;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
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

    private readonly ElectionConfiguration _election;
    private readonly EpochFile _epochs;
    private readonly ControlLoop _loop;
    private readonly EngineLog _log;
    private readonly Action _ownershipChanged;
    private readonly Ownership _ownership;
    private readonly Action<EngineEvent> _told;
    private ElectionThread _thread;
    private ElectionAddress _address;
    private bool _stands;

    /// <param name="election">Of this director.</param>
    /// <param name="engine">Its interfaces and group.</param>
    /// <param name="ownership">Shared with the packet thread.</param>
    /// <param name="loop">Of the control thread.</param>
    /// <param name="log">Each change is a line in it.</param>
    /// <param name="ownershipChanged">Called on the election's thread.</param>
    /// <param name="told">For directord; from any thread.</param>
    /// <exception cref="EngineException">The file or the interface.</exception>
    public Candidacy(
        ElectionConfiguration election, EngineConfiguration engine, Ownership ownership, ControlLoop loop, EngineLog log,
        Action ownershipChanged, Action<EngineEvent> told)
    {
        _election = election;
        _ownership = ownership;
        _loop = loop;
        _log = log;
        _ownershipChanged = ownershipChanged;
        _told = told;
        _epochs = EpochFile.Open(election.EpochFile);
        if (_epochs.Damage is { } damage)
            _log.Warning($"epoch file {election.EpochFile}: {damage}");
        ownership.Until = 0;
        _thread = Begin(engine);
    }

    public bool IsOf(ElectionConfiguration election) => _election.IsSameAs(election);

    /// <summary>On other interfaces from now on.</summary>
    public void Move(EngineConfiguration engine)
    {
        _thread.Dispose();
        _thread = Begin(engine);
        Stand(_stands);
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

    public void Hear(ReadOnlySpan<byte> frame)
    {
        byte[] kept = frame.ToArray();
        _thread.Post(elector => elector.Receive(kept));
    }

    public void Hint(ElectionHint hint, ulong director)
    {
        ElectionInput? input = hint switch
        {
            ElectionHint.PeerGone => ElectionInput.PeerGone(director),
            ElectionHint.PeerDead => ElectionInput.PeerDead(director),
            ElectionHint.Resign => ElectionInput.Resign(director, ElectionReason.Planned),
            ElectionHint.Synced => ElectionInput.Synced(director != 0),
            _ => null,
        };
        if (input is { } told)
            _thread.Post(elector => elector.Tell(told));
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
        _thread.Dispose();
        _epochs.Dispose();
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
