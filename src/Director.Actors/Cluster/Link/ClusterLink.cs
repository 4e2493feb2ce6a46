using Akka;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Cluster.Joining;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// One start of the actor system that speaks with other directors (docs/decisions/0006). Akka lets it into one cluster in its life;
/// the director's own actors live in another system and see at most peers go and come.
/// </summary>
internal sealed class ClusterLink
{
    private static readonly TimeSpan LeavePatience = TimeSpan.FromMilliseconds(1500);

    /// <summary>Akka's reason to shut down when a certificate is refused; the type is its own.</summary>
    private const string RefusedCertificate = "TlsHandshakeFailureReason";

    private readonly Akka.Cluster.Cluster _cluster;

    private ClusterLink(ActorSystem system, ulong incarnation, IActorRef owner, EventStream log)
    {
        System = system;
        Incarnation = incarnation;
        _cluster = Akka.Cluster.Cluster.Get(system);
        CoordinatedShutdown shutdown = CoordinatedShutdown.Get(system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "hold", () => shutdown.ShutdownReason?.GetType().Name == RefusedCertificate
            ? new TaskCompletionSource<Done>().Task
            : Task.FromResult(Done.Instance));
        // Whoever left, or was declared dead, has nothing to do in this life.
        _cluster.RegisterOnMemberRemoved(() => system.Terminate());
        system.ActorOf(Props.Create(() => new LinkLog(log)), "log");
        Contacts = system.ActorOf(Props.Create(() => new ContactsActor(owner, incarnation)), "contacts");
        system.ActorOf(Props.Create(() => new MembershipActor(owner, incarnation)), "membership");
    }

    public ActorSystem System { get; }

    public ulong Incarnation { get; }

    public IActorRef Contacts { get; }

    public string Address => _cluster.SelfAddress.ToString();

    public int Uid => _cluster.SelfUniqueAddress.Uid;

    /// <summary>Blocks until it listens: not for an actor's thread.</summary>
    /// <param name="log">Where the link's log goes.</param>
    /// <returns>What to tell <paramref name="owner"/>, which hears of the rest by itself.</returns>
    public static LinkStarted Start(Func<ActorSystem> create, ulong incarnation, IActorRef owner, EventStream log)
    {
        try
        {
            ActorSystem system = create();
            ClusterLink link = new(system, incarnation, owner, log);
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

    /// <param name="list">The contact list as it is written; its scheme gives way to this link's, which TLS changes.</param>
    public JoinSettings LookFor(IEnumerable<string> list) => new(Address, [.. list.Select(Contact).OfType<string>().Where(contact => contact != Address).Distinct()]);

    public void Found() => _cluster.Join(_cluster.SelfAddress);

    /// <summary>Joining comes to nothing where this link is a member already.</summary>
    public void Obey(MemberCommand command)
    {
        Address address = Akka.Actor.Address.Parse(command.Address).WithProtocol(_cluster.SelfAddress.Protocol);
        switch (command)
        {
            case MemberCommand.Join when _cluster.State.Members.Count == 0:
                _cluster.Join(address);
                break;
            case MemberCommand.Leave:
                _cluster.Leave(address);
                break;
            case MemberCommand.Down:
                _cluster.Down(address);
                break;
        }
    }

    /// <summary>Leaves the cluster, if the others agree soon enough, and ends.</summary>
    public async Task EndAsync()
    {
        if (!_cluster.IsTerminated && _cluster.State.Members.Count > 0)
        {
            try
            {
                await _cluster.LeaveAsync().WaitAsync(LeavePatience).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or OperationCanceledException)
            {
                // Whoever is unreachable cannot agree.
            }
        }
        await System.Terminate().ConfigureAwait(false);
    }

    private string? Contact(string text) => Akka.Actor.Address.TryParse(text, out Address? address) && address.HasGlobalScope
        ? address.WithProtocol(_cluster.SelfAddress.Protocol).ToString()
        : null;
}
