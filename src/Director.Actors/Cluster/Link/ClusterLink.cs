using Akka.Actor;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// One start of the actor system that speaks with other directors (docs/decisions/0006). Akka lets it into one cluster in its life;
/// the director's own actors live in another system and see at most peers go and come.
/// </summary>
internal sealed class ClusterLink
{
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(8);

    private readonly Akka.Cluster.Cluster _cluster;

    private ClusterLink(ActorSystem system, ulong incarnation, IActorRef owner)
    {
        System = system;
        Incarnation = incarnation;
        _cluster = Akka.Cluster.Cluster.Get(system);
        Contacts = system.ActorOf(Props.Create(() => new ContactsActor(owner, incarnation)), "contacts");
        system.ActorOf(Props.Create(() => new MembershipActor(owner, incarnation)), "membership");
    }

    public ActorSystem System { get; }

    public ulong Incarnation { get; }

    public IActorRef Contacts { get; }

    public string Address => _cluster.SelfAddress.ToString();

    public int Uid => _cluster.SelfUniqueAddress.Uid;

    /// <summary>Blocks until it listens: not for an actor's thread.</summary>
    /// <returns>What to tell <paramref name="owner"/>, which hears of the rest by itself.</returns>
    public static LinkStarted Start(Func<ActorSystem> create, ulong incarnation, IActorRef owner)
    {
        try
        {
            ActorSystem system = create();
            ClusterLink link = new(system, incarnation, owner);
            system.WhenTerminated.ContinueWith(_ => owner.Tell(new LinkEnded(incarnation)), TaskScheduler.Default);
            return new LinkStarted(link, null);
        }
        catch (Exception e)
        {
            return new LinkStarted(null, Innermost(e));
        }
    }

    // Akka says where and "see InnerException", the socket says why.
    private static string Innermost(Exception failure)
    {
        Exception innermost = failure;
        while (innermost.InnerException is { } inner)
            innermost = inner;
        return innermost.Message;
    }

    /// <summary>To <c>/user/contacts</c> of another director.</summary>
    public void Send(string address, object message) => System.ActorSelection($"{address}/user/contacts").Tell(message, Contacts);

    /// <summary>Opens <c>/user/NAME</c> for peers (<see cref="DoorActor"/>); nobody, if the link ends just now.</summary>
    public IActorRef Open(string name)
    {
        try
        {
            return System.ActorOf(Props.Create(() => new DoorActor()), name);
        }
        catch (InvalidOperationException)
        {
            return ActorRefs.Nobody;
        }
    }

    /// <summary>An entry of the contact list as an address of this link's transport, which TLS changes; null: it is none.</summary>
    public string? Contact(string text) => Akka.Actor.Address.TryParse(text, out Address? address) && address.HasGlobalScope
        ? address.WithProtocol(_cluster.SelfAddress.Protocol).ToString()
        : null;

    public void Found() => _cluster.Join(_cluster.SelfAddress);

    public void Join(string address) => _cluster.Join(Akka.Actor.Address.Parse(address));

    public void Leave(string address) => _cluster.Leave(Akka.Actor.Address.Parse(address));

    public void Down(string address) => _cluster.Down(Akka.Actor.Address.Parse(address));

    /// <summary>Leaves the cluster, within what coordinated shutdown allows for, and ends.</summary>
    public async Task EndAsync()
    {
        try
        {
            await CoordinatedShutdown.Get(System).Run(CoordinatedShutdown.ClrExitReason.Instance).WaitAsync(EndPatience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await System.Terminate().ConfigureAwait(false);
        }
    }
}
