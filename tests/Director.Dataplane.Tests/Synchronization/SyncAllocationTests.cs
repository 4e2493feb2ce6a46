using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Synchronization;

/// <summary>An owner and a standby at work, joined without a network: the packet thread allocates nothing on either side.</summary>
public sealed class SyncAllocationTests : ISyncOutput
{
    private const int Clients = 1000;

    private readonly byte[] _batch = new byte[SyncBatch.MostBytes];
    private readonly Bench _owner;
    private readonly Bench _standby;
    private readonly Discard _discard = new();
    private readonly byte[][] _frames;
    private readonly byte[] _wire = new byte[200];
    private long _now = 1_000_000;

    public SyncAllocationTests()
    {
        _owner = new Bench(memory: Memory(), batches: this);
        _standby = new Bench(memory: Memory());
        _standby.Core.Own(false);
        foreach (Bench bench in new[] { _owner, _standby })
            bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2)) with { Flags = ServiceFlags.Persistent, PersistenceTimeout = 60 });
        _frames = [.. Enumerable.Range(0, Clients).SelectMany(client => new[] { Frame(client, TcpFlags.Syn), Frame(client, TcpFlags.Ack), Frame(client, TcpFlags.Rst) })];
        _owner.SendTo(_discard);
        _standby.SendTo(_discard);
    }

    int ISyncOutput.Free => int.MaxValue;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Both_ends_at_work_allocate_nothing(bool strict)
    {
        _owner.Core.SetSyncPeer(new SyncPeer(2, true, 1, 1, strict, 50));
        Assert.Equal(0, Allocations.Of(Round));
        Assert.True(_standby.Core.Sync.Receiver.IsInSync);
        Assert.True(_standby.Core.Sync.Counters.SyncEntriesReceived > 3 * Clients);
        if (strict)
            Assert.True(_owner.Core.Sync.Counters.StrictHeld > Clients);
    }

    Span<byte> ISyncOutput.Reserve() => _batch;

    void ISyncOutput.Send(ulong peer, int length) =>
        _owner.Core.AcknowledgeSync(peer, _standby.Core.ReceiveSync(_batch.AsSpan(0, length)));

    private void Round()
    {
        foreach (byte[] frame in _frames)
        {
            frame.CopyTo(_wire, VirtioNetHeader.Length);
            _owner.Core.BeginBatch(_now);
            _owner.Core.Process(new Frame(_wire.AsSpan(0, VirtioNetHeader.Length + frame.Length), _owner.Interfaces[Bench.Client]));
            if (++_now % 2 == 0)
                Tick();
        }
        for (int i = 0; i < 30; i++, _now += 1000)
            Tick();
    }

    private void Tick()
    {
        _standby.Core.SyncTick(_now);
        _standby.Core.Tick(_now);
        _owner.Core.SyncTick(_now);
        _owner.Core.Tick(_now);
    }

    private byte[] Frame(int client, TcpFlags flags) => Frames.Tcp(
        _owner.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress + (uint)(client / 50), (ushort)(1024 + client), Bench.Vip, 80, flags);

    private static ConnectionMemory Memory() => ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(4000)), 4000);
}
