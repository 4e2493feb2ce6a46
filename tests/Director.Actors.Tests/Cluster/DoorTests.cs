using Akka.Actor;
using Director.Actors.Cluster;

namespace Director.Actors.Tests.Cluster;

/// <summary>Actors of two directors' own systems that talk through the link.</summary>
public sealed class DoorTests
{
    [Fact]
    public async Task Two_actors_of_one_name_answer_each_other_back_and_forth()
    {
        int[] ports = ClusteredDirector.FreePorts(2);
        await using ClusteredDirector a = ClusteredDirector.Begin("a", ports[0], ports);
        await using ClusteredDirector b = ClusteredDirector.Begin("b", ports[1], ports);
        TaskCompletionSource<ulong> done = new();
        a.System.ActorOf(Props.Create(() => new Echo(a.Peers, 1, done)), "echo");
        b.System.ActorOf(Props.Create(() => new Echo(b.Peers, 0, done)), "echo");
        Assert.Equal(6UL, await done.Task.WaitAsync(ClusteredDirector.Long, TestContext.Current.CancellationToken));
    }

    /// <summary>Counts to six with its counterpart, by answering the sender.</summary>
    private sealed class Echo : ReceiveActor
    {
        public Echo(IActorRef peers, ulong first, TaskCompletionSource<ulong> done)
        {
            Receive<PeerUp>(up => first > 0, up => up.Peer.Select(Context, "echo").Tell(new PeerBeat("echo", 0, first)));
            Receive<PeerUp>(_ => { });
            Receive<PeerBeat>(beat =>
            {
                if (beat.Sequence == 6)
                    done.TrySetResult(beat.Sequence);
                else
                    Sender.Tell(beat with { Sequence = beat.Sequence + 1 });
            });
            peers.Tell(new ServePeers("echo", Self));
        }
    }
}
