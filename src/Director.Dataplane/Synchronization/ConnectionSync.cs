using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Synchronization;

/// <summary>
/// Connection sync in one engine: what it tells as the owner, what it takes as a standby, and what waits in between (strict). It is
/// either one or the other. Packet thread only; the clock comes from outside.
/// </summary>
public sealed class ConnectionSync
{
    /// <summary>Between two batches while there is more to send than one of them holds, or somebody waits for it.</summary>
    private const long BusyMilliseconds = 1;

    /// <summary>
    /// So long changes gather that do not fill a batch. What a batch costs on its way (two processes and as many actor systems, each
    /// twice: the answer comes back) hardly depends on its length, and is more than its entries cost.
    /// </summary>
    private const long GatherMilliseconds = 5;

    private const long IdleMilliseconds = 20;
    private const int SweepBudget = 20_000;

    private static readonly uint Grace = ConnectionClock.Ticks(2);

    private readonly ConnectionTable _table;
    private readonly ISyncOutput _output;
    private long _lastTick;

    public ConnectionSync(ConnectionTable table, ServiceTable services, ConnectionForwarder forwarder, ISyncOutput output)
    {
        _table = table;
        _output = output;
        Sender = new SyncSender(table, output, Counters);
        Receiver = new SyncReceiver(table, new EntryApplication(table, services, forwarder, Counters), Counters);
        Held = new HeldOpenings(table, Sender, Counters);
    }

    public SyncCounters Counters { get; } = new();

    public SyncSender Sender { get; }

    public SyncReceiver Receiver { get; }

    public HeldOpenings Held { get; }

    /// <summary>The owner tells; a standby is told. An owner whose lease only lapsed goes on where it was.</summary>
    public void Own(bool owner)
    {
        Receiver.IsOwner = owner;
        if (owner)
            Receiver.Forget();
    }

    /// <summary>A batch of another director. Once an owner's copy has begun, we have nothing to tell ourselves.</summary>
    public SyncAck Receive(ReadOnlySpan<byte> batch, long milliseconds, uint now)
    {
        SyncAck ack = Receiver.Receive(batch, now, milliseconds);
        if (Sender.IsActive && Receiver.IsFollowing)
            Sender.StopAll();
        return ack;
    }

    /// <summary>Takes the memory of an owner ahead.</summary>
    public void Prepare()
    {
        (_output as SyncOutbox)?.Open();
        Sender.Prepare();
    }

    /// <summary>A standby has come or gone.</summary>
    public void SetPeer(SyncPeer peer, long now)
    {
        Receiver.NoteEpoch(peer.Epoch);
        if (!peer.Runs)
        {
            Sender.Stop(peer.Peer);
            return;
        }
        (_output as SyncOutbox)?.Open();
        Held.Use(peer.Strict, peer.StrictMilliseconds);
        Sender.Start(peer.Peer, peer.Self, peer.Epoch, peer.Strict, now);
    }

    /// <summary>
    /// Whether a record whose time is up stays a while: as long as an owner tells us what ends, that is what ends. (Of a packet that
    /// came at the last moment we hear a little late.)
    /// </summary>
    public bool Keeps(uint number, long milliseconds, uint now)
    {
        if (!Receiver.IsTold(milliseconds))
            return false;
        _table.Times.Postpone(number, Grace, now);
        return true;
    }

    /// <summary>When <see cref="Tick"/> is to be called, by the same clock; asked between two batches of packets.</summary>
    public long Due => !(Sender.IsActive && Receiver.IsOwner) && !Receiver.IsSweeping && Held.Count == 0
        ? long.MaxValue
        : _lastTick + (IsUrgent ? BusyMilliseconds : Sender.HasWork ? GatherMilliseconds : IdleMilliseconds);

    private bool IsUrgent => Held.Count != 0 || Receiver.IsSweeping || Sender.HasBatch;

    /// <summary>Counters, and gauges by the names of <see cref="EngineGauges"/>; any thread, a moment old.</summary>
    public IEnumerable<KeyValuePair<string, ulong>> Counted(long now)
    {
        (int inSync, int all) = Sender.Standbys;
        foreach (KeyValuePair<string, ulong> counter in Counters.ByName())
            yield return counter;
        yield return new(EngineGauges.SyncStandbys, (ulong)all);
        yield return new(EngineGauges.SyncStandbysInSync, (ulong)inSync);
        yield return new(EngineGauges.SyncWaiting, _table.Journal.Waiting);
        yield return new(EngineGauges.SyncLagMilliseconds, (ulong)Math.Max(Sender.Lag(now), 0));
        yield return new(EngineGauges.SyncInSync, Receiver.IsInSync ? 1u : 0);
        yield return new(EngineGauges.SyncStrictDegraded, Held.IsDegraded ? 1u : 0);
        if (Receiver.LastApplied != 0)
            yield return new(EngineGauges.SyncLastMilliseconds, (ulong)Math.Max(now - Receiver.LastApplied, 0));
    }

    /// <summary>Sends, removes what a copy did not confirm, and lets go what was held.</summary>
    public void Tick(long milliseconds, uint now, PacketPipeline pipeline)
    {
        _lastTick = milliseconds;
        Receiver.Continue(SweepBudget);
        Held.Release(pipeline, milliseconds);
        if (Receiver.IsOwner)
            Sender.Tick(milliseconds, now);
        (_output as SyncOutbox)?.Flush();
    }
}
