using System.Threading.Channels;
using Akka.Actor;
using Director.Actors.Cluster;

namespace Director.Actors.Tests.Cluster;

public sealed class PeersActorTests : IAsyncDisposable
{
    private static readonly PeerInfo B = new("b", "akka.tcp://director@10.3.0.2:4053", 1, 1);

    private readonly ActorSystem _system = ActorSystem.Create("peers", Quiet.Hocon);
    private readonly IActorRef _peers;

    public PeersActorTests() => _peers = _system.ActorOf(Props.Create(() => new PeersActor()), "peers");

    public async ValueTask DisposeAsync()
    {
        await _system.Terminate();
        _system.Dispose();
    }

    [Fact]
    public async Task A_subscriber_hears_of_a_peer_and_of_its_end()
    {
        using Listener listener = new(_system);
        _peers.Tell(new SubscribePeers(listener.Actor));
        _peers.Tell(new PeerUp(B));
        _peers.Tell(new PeerDown(B, PeerDownReason.Silent, "nothing heard"));
        Assert.Equal(new PeerUp(B), await listener.NextAsync());
        Assert.Equal(new PeerDown(B, PeerDownReason.Silent, "nothing heard"), await listener.NextAsync());
    }

    [Fact]
    public async Task A_late_subscriber_hears_of_the_peers_that_are_up_once()
    {
        using Listener listener = new(_system);
        PeerInfo c = B with { Name = "c" };
        _peers.Tell(new PeerUp(c));
        _peers.Tell(new PeerUp(B));
        _peers.Tell(new PeerDown(c, PeerDownReason.Closed, ""));
        _peers.Tell(new ServePeers("listener", listener.Actor));
        _peers.Tell(new SubscribePeers(listener.Actor));
        _peers.Tell(new PeerUp(c));
        Assert.Equal(new PeerUp(B), await listener.NextAsync());
        Assert.Equal(new PeerUp(c), await listener.NextAsync());
    }

    private sealed class Listener : IDisposable
    {
        private readonly Channel<object> _heard = Channel.CreateUnbounded<object>();
        private readonly ActorSystem _system;

        public Listener(ActorSystem system)
        {
            _system = system;
            Channel<object> heard = _heard;
            Actor = system.ActorOf(Props.Create(() => new Ear(heard)));
        }

        public IActorRef Actor { get; }

        public async Task<object> NextAsync()
        {
            using CancellationTokenSource patience = new(TimeSpan.FromSeconds(10));
            return await _heard.Reader.ReadAsync(patience.Token);
        }

        public void Dispose() => _system.Stop(Actor);
    }

    private sealed class Ear : ReceiveActor
    {
        public Ear(Channel<object> heard) => ReceiveAny(message => heard.Writer.TryWrite(message));
    }
}
