using System.Collections.Immutable;
using Akka.Actor;
using Director.Actors.Cluster;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors;

/// <summary>
/// The actors of one director. <see cref="Services"/> takes commands (<see cref="Execute"/>, <see cref="Declare"/>),
/// <see cref="Forwarding"/> is told of the engine (<see cref="EngineUp"/>, <see cref="Resync"/>), <see cref="Peers"/> tells of other
/// directors (<see cref="SubscribePeers"/>, <see cref="ServePeers"/>); readers look at a <see cref="LiveDirector"/>.
/// </summary>
public sealed record DirectorActors(IActorRef Services, IActorRef Forwarding, IActorRef Peers)
{
    /// <summary>A snapshot so often keeps recovery short and writes rare.</summary>
    public const int SnapshotEvery = 5000;

    /// <param name="system">Configured with <see cref="JournalHocon"/>.</param>
    /// <param name="configuration">What every engine is told first.</param>
    /// <param name="election">Null: this director is alone.</param>
    /// <param name="live">Where readers will look.</param>
    /// <param name="capabilities">What commands may ask for.</param>
    /// <param name="warnings">Of the configuration, to be shown as long as the director runs.</param>
    /// <param name="marks">Mark rules of the configuration; they go before those that commands add.</param>
    /// <param name="snapshotEvery">Events between two snapshots of the journal.</param>
    public static DirectorActors Start(
        ActorSystem system, EngineConfiguration configuration, ElectionConfiguration? election, LiveDirector live, Capabilities capabilities,
        ImmutableArray<string> warnings, ImmutableArray<MarkRule> marks, int snapshotEvery = SnapshotEvery)
    {
        IActorRef forwarding = system.ActorOf(Props.Create(() => new ForwardingActor(configuration, election, live, warnings)), "forwarding");
        IActorRef peers = system.ActorOf(Props.Create(() => new PeersActor()), "peers");
        Props journal = Props.Create(() => new JournalActor(snapshotEvery));
        MarkState configured = new() { Configured = marks, Interfaces = [.. configuration.Interfaces] };
        IActorRef services = system.ActorOf(Props.Create(() => new ServicesActor(journal, forwarding, live, capabilities, configured)), "services");
        return new DirectorActors(services, forwarding, peers);
    }
}
