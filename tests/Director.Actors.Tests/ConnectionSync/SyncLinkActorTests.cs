using System.Threading.Channels;
using Akka.Actor;
using Director.Actors.Cluster;
using Director.Actors.ConnectionSync;
using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Dataplane.Synchronization;

namespace Director.Actors.Tests.ConnectionSync;

/// <summary>Two directors' links, each in a system of its own, with engines that only note what they are told.</summary>
public sealed class SyncLinkActorTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Side _a = new("a");
    private readonly Side _b = new("b");

    public async ValueTask DisposeAsync()
    {
        await _a.DisposeAsync();
        await _b.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_goes_to_the_standbys_engine_and_its_answer_comes_back()
    {
        Connect();
        Ownership();
        await _a.HeardAsync($"sync-peer {DirectorId.Of("b")} on epoch 7 strict 50");
        _b.Engine.AnswerSync = batch => new SyncAck(SyncAckFlags.InSync, 7, 1, (ulong)batch.Batch.Length);
        _a.Engine.Produce(DirectorId.Of("b"), 1, 2, 3);
        await _b.HeardAsync("sync-in");
        await _a.HeardAsync($"sync-ack {DirectorId.Of("b")} 3");
        Assert.Equal(new SyncState(true, 7), await _b.StateAsync(state => state.InSync));
    }

    [Fact]
    public async Task A_peer_that_comes_later_is_kept_in_sync_and_one_that_goes_is_not()
    {
        Ownership();
        _a.Link.Tell(new PeerUp(_b.Info));
        await _a.HeardAsync($"sync-peer {DirectorId.Of("b")} on epoch 7 strict 50");
        _a.Link.Tell(new PeerDown(_b.Info, PeerDownReason.Silent, ""));
        await _a.HeardAsync($"sync-peer {DirectorId.Of("b")} off epoch 7 strict 50");
        Assert.DoesNotContain(_b.Engine.Calls, call => call.StartsWith("sync-peer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_engine_that_was_restarted_begins_anew()
    {
        Connect();
        Ownership();
        await _a.HeardAsync("sync-peer", times: 1);
        _a.Link.Tell(new Resync());
        await _a.HeardAsync("sync-peer", times: 2);
    }

    [Fact]
    public async Task An_engine_that_is_restarting_is_told_again()
    {
        Connect();
        _a.Engine.Broken = new EngineException("the engine is restarting");
        Ownership();
        await _a.HeardAsync("sync-peer", times: 1);
        _a.Engine.Broken = null;
        await _a.HeardAsync("sync-peer", times: 2);
    }

    [Fact]
    public async Task A_standby_keeps_nobody_in_sync()
    {
        Connect();
        _a.Link.Tell(new OwnerIs("b", 7, Self: false));
        _a.Link.Tell(new Resync());
        await _a.FlushAsync();
        Assert.DoesNotContain(_a.Engine.Calls, call => call.StartsWith("sync-peer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_owns_no_more_keeps_nobody_in_sync()
    {
        Connect();
        Ownership();
        await _a.HeardAsync("sync-peer", times: 1);
        _a.Link.Tell(new OwnerIs("b", 8, Self: false));
        await _a.HeardAsync($"sync-peer {DirectorId.Of("b")} off epoch 8");
    }

    private void Connect()
    {
        _a.Link.Tell(new PeerUp(_b.Info));
        _b.Link.Tell(new PeerUp(_a.Info));
    }

    private void Ownership()
    {
        _a.Link.Tell(new OwnerIs("a", 7, Self: true));
        _b.Link.Tell(new OwnerIs("a", 7, Self: false));
    }

    private sealed class Side : IAsyncDisposable
    {
        private readonly ActorSystem _system;
        private readonly Channel<SyncState> _states = Channel.CreateUnbounded<SyncState>();

        public Side(string name)
        {
            _system = ActorSystem.Create(name, Quiet.Hocon);
            Info = new PeerInfo(name, $"akka://{name}", 1, 1) { Link = _system };
            IActorRef peers = _system.ActorOf(Props.Create(() => new PeersActor()), "peers");
            SyncOptions options = new(name, Strict: true, TimeSpan.FromMilliseconds(50));
            Link = _system.ActorOf(Props.Create(() => new SyncLinkActor(options, peers, ActorRefs.Nobody)), SyncLinkActor.Name);
            Channel<SyncState> states = _states;
            _system.EventStream.Subscribe(_system.ActorOf(Props.Create(() => new Ear(states))), typeof(SyncState));
            Link.Tell(new EngineUp(Engine, () => true));
        }

        public FakeEngine Engine { get; } = new();

        public IActorRef Link { get; }

        public PeerInfo Info { get; }

        public async Task HeardAsync(string call, int times = 1)
        {
            long begun = TimeProvider.System.GetTimestamp();
            while (Engine.Calls.Count(each => each.StartsWith(call, StringComparison.Ordinal)) < times)
            {
                Assert.True(TimeProvider.System.GetElapsedTime(begun) < Patience, $"{times} x '{call}' wanted; heard: {string.Join(", ", Engine.Calls)}");
                await FlushAsync();
            }
        }

        /// <summary>All that was told before has been heard.</summary>
        public Task<ActorIdentity> FlushAsync() => Link.Ask<ActorIdentity>(new Identify(1), Patience);

        public async Task<SyncState> StateAsync(Func<SyncState, bool> wanted)
        {
            using CancellationTokenSource patience = new(Patience);
            SyncState state;
            do
                state = await _states.Reader.ReadAsync(patience.Token);
            while (!wanted(state));
            return state;
        }

        public async ValueTask DisposeAsync()
        {
            await _system.Terminate();
            _system.Dispose();
        }
    }

    private sealed class Ear : ReceiveActor
    {
        public Ear(Channel<SyncState> states) => Receive<SyncState>(state => states.Writer.TryWrite(state));
    }
}
