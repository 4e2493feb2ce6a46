using Director.Dataplane.Connections;
using Director.Dataplane.Linux;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tables;
using Director.Dataplane.Tests.Connections;
using Director.Dataplane.Tests.Pipeline;

namespace Director.Dataplane.Tests.Synchronization;

/// <summary>A director on a bench, and its end of the network.</summary>
internal sealed class SyncNode : ISyncOutput
{
    private readonly SyncNetwork _network;
    private readonly byte[] _batch = new byte[SyncBatch.MostBytes];

    public SyncNode(ulong id, SyncNetwork network, uint connections = 1024, FlowHash? hash = null)
    {
        Id = id;
        _network = network;
        Bench = new Bench(
            memory: ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(connections)), connections, hash ?? TestTable.Hash),
            now: network.Now, batches: this, locals: ["10.2.0.200"]);
        Bench.Core.Own(false);
    }

    public ulong Id { get; }

    public Bench Bench { get; }

    public ConnectionTable Table => Bench.Core.Connections;

    public ConnectionSync Sync => Bench.Core.Sync;

    public Dictionary<ulong, SyncNode> Peers { get; } = [];




    public int Free { get; set; } = int.MaxValue;

    public void Become(bool owner, ulong epoch, bool strict = false)
    {
        Bench.Core.Own(owner);
        foreach (ulong peer in Peers.Keys.Where(_ => owner))
            Bench.Core.SetSyncPeer(new SyncPeer(peer, true, Id, epoch, strict, 50));
    }

    public void TakeBatch(SyncNode from, byte[] bytes)
    {
        Bench.Core.BeginBatch(_network.Now);
        Span<byte> answer = stackalloc byte[SyncAck.Size];
        Bench.Core.ReceiveSync(bytes).Write(answer);
        _network.Send(this, from, answer, isAnswer: true);
    }

    public void TakeAnswer(SyncNode from, byte[] bytes)
    {
        Bench.Core.BeginBatch(_network.Now);
        if (SyncAck.TryRead(bytes, out SyncAck ack))
            Bench.Core.AcknowledgeSync(from.Id, ack);
    }

    /// <summary>As the packet thread does it. What leaves.</summary>
    public Sent[] Pass()
    {
        Bench.Now = _network.Now;
        return Bench.During(() =>
        {
            if (_network.Now >= Sync.Due)
                Bench.Core.SyncTick(_network.Now);
            if (_network.Now % 100 < 5)
                Bench.Core.Tick(_network.Now);
        });
    }

    Span<byte> ISyncOutput.Reserve() => _batch;

    void ISyncOutput.Send(ulong peer, int length) => _network.Send(this, Peers[peer], _batch.AsSpan(0, length), isAnswer: false);

    /// <summary>What standbys are told of: key and content, without the time that is left.</summary>
    public SortedDictionary<string, (string Content, int Remaining, int Timeout)> Synced()
    {
        SortedDictionary<string, (string, int, int)> synced = new(StringComparer.Ordinal);
        uint now = ConnectionClock.FromMilliseconds(_network.Now);
        Span<byte> bytes = stackalloc byte[SyncEntryFormat.MostBytes];
        for (uint number = 1; number <= Table.Capacity; number++)
        {
            ref ConnectionRecord record = ref Table[number];
            bool template = (record.Flags & ConnectionFlags.Template) != 0;
            if (!record.IsInUse || (template ? Table.Templates.IsInvalid(number) : IsHalfOpen(record.State)))
                continue;
            Connection connection = Table.At(number);
            uint of = template ? 0 : Table.Templates.Of(number);
            string content = $"{record.State} {record.Flags & SyncEntry.Flags} {Table.Servers[record.ServerSlot].Identity} {record.ServerPort} {connection.Local}"
                + (template ? $" {record.OwnTimeout}" : "")
                + ((record.Flags & SyncEntry.Told) != 0 ? $" {connection.Handshake.First} {connection.Handshake.Missing} {connection.Handshake.Known}" : "")
                + (of != 0 && !Table.Templates.IsInvalid(of) ? $" by {Table.At(of).Flow}" : of != 0 ? " by none that is found" : "")
                + (of != 0 && (Table[of].Flags & ConnectionFlags.Template) == 0 ? " which is gone" : "");
            synced.Add($"{template} {connection.Flow}", (content, Table.Times.Remaining(number, now), (int)Table.Times.Timeout(record)));
        }
        return synced;
    }

    /// <summary>What every server has of connections is what is in the table.</summary>
    public void CheckCounts()
    {
        Dictionary<uint, (uint Active, uint Inactive, uint Templates)> counted = [];
        for (uint number = 1; number <= Table.Capacity; number++)
        {
            ref ConnectionRecord record = ref Table[number];
            if (!record.IsInUse)
                continue;
            (uint active, uint inactive, uint templates) = counted.GetValueOrDefault(record.ServerSlot);
            counted[record.ServerSlot] = (record.Flags & ConnectionFlags.Template) != 0 ? (active, inactive, templates + 1)
                : record.IsActive ? (active + 1, inactive, templates) : (active, inactive + 1, templates);
        }
        foreach (Service service in Bench.Core.Services.Services)
        {
            foreach (Server server in service.Servers)
                Assert.Equal(counted.GetValueOrDefault(server.Slot), (server.ActiveConnections, server.InactiveConnections, server.PersistentConnections));
        }
    }

    private static bool IsHalfOpen(ConnectionState state) => state is ConnectionState.None or ConnectionState.SynReceived or ConnectionState.SynSent
        or ConnectionState.Listen or ConnectionState.SynAck;
}
