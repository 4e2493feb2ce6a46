using System.Net.Sockets;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tables;

/// <summary>
/// A virtual service as the packet thread works with it: its servers in IPVS's order (newest first) and the scheduler with
/// its state. Changed only between batches, server by server, so that a scheduler sees the same sequence of edits as IPVS would.
/// </summary>
public sealed class Service
{
    private readonly SchedulingContext _context;
    private readonly Dictionary<(IpAddress Address, ushort Port), Server> _byAddress = [];
    private Server[] _servers = [];

    public Service(VirtualService configuration, SchedulingContext context)
    {
        _context = context;
        Configuration = configuration;
        Scheduler = SchedulerRegistry.Create(configuration.Scheduler, context);
        Persistence = Persistence.Of(configuration);
        MarkAddress = configuration.Key.Family == AddressFamily.InterNetwork
            ? IpAddress.FromIpv4(configuration.Key.Mark)
            : new IpAddress((ulong)configuration.Key.Mark << 32, 0);
    }

    public VirtualService Configuration { get; private set; }

    public Scheduler Scheduler { get; private set; }

    /// <summary>Null: every connection is scheduled for itself.</summary>
    public Persistence? Persistence { get; private set; }

    /// <summary>The mark as IPVS writes it into templates and listings: the first word of an address.</summary>
    public IpAddress MarkAddress { get; }

    /// <summary><c>-o</c>: UDP is scheduled packet by packet and leaves no connection.</summary>
    public bool SchedulesEachPacket(byte protocol) =>
        protocol == IpProtocol.Udp && (Configuration.Flags & ServiceFlags.OnePacket) != 0;

    /// <summary>Newest first: ties go to the server added last, as with IPVS.</summary>
    public ReadOnlySpan<Server> Servers => _servers;

    /// <summary>What the servers have to offer to new connections, by their positions in <see cref="Servers"/>.</summary>
    public AvailableWeights Weights { get; } = new();

    public Counters Counters;

    public RateEstimator Rates;

    public Server? Find(RealServer at) => _byAddress.GetValueOrDefault((IpAddress.Of(at.Address), at.Port));

    /// <summary>IPVS's ip_vs_edit_service: a new scheduler starts afresh, the same one keeps its state.</summary>
    public void Edit(VirtualService configuration)
    {
        bool reschedule = configuration.Scheduler != Configuration.Scheduler;
        Configuration = configuration;
        Persistence = Persistence.Of(configuration);
        if (!reschedule)
            return;
        Scheduler = SchedulerRegistry.Create(configuration.Scheduler, _context);
        Scheduler.Start(this);
    }

    public void Add(Server server)
    {
        _byAddress.Add((server.Address, server.Port), server);
        server.Bind(this);
        Arrange([server, .. _servers]);
        Scheduler.ServerAdded(this, server);
    }

    public void Remove(Server server)
    {
        Scheduler.ServerRemoving(this, server);
        _byAddress.Remove((server.Address, server.Port));
        server.Position = -1;
        Arrange(Array.FindAll(_servers, other => other != server));
        Scheduler.ServerRemoved(this, server);
    }

    public void EditServer(Server server, RealServer configuration)
    {
        server.Edit(configuration);
        Scheduler.ServerEdited(this, server);
    }

    private void Arrange(Server[] servers)
    {
        _servers = servers;
        for (int position = 0; position < servers.Length; position++)
            servers[position].Position = position;
        Weights.Rebuild(servers);
    }
}
