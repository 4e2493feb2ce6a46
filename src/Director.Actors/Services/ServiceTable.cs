using System.Collections.Immutable;
using System.Net;
using Director.Actors.Marks;
using Director.Actors.Replication;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// Every service in the order in which they were added, the timeouts, mark rules, settings and sync daemons, and which declaration was applied last: the whole
/// configuration at one revision. Immutable; <see cref="Apply"/> is how it moves, at run time and in recovery.
/// </summary>
public sealed record ServiceTable
{
    public static readonly ServiceTable Empty = new();

    private ImmutableDictionary<ServiceKey, long> Places { get; init; } = ImmutableDictionary<ServiceKey, long>.Empty;

    private ImmutableSortedDictionary<long, VirtualService> ByPlace { get; init; } = ImmutableSortedDictionary<long, VirtualService>.Empty;

    private long NextPlace { get; init; }

    /// <summary>How many services each VIP has.</summary>
    private ImmutableDictionary<IPAddress, int> Vips { get; init; } = ImmutableDictionary<IPAddress, int>.Empty;

    public Timeouts Timeouts { get; init; } = new();

    public MarkState Marks { get; init; } = MarkState.Empty;

    public SettingsState Settings { get; init; } = SettingsState.Default;

    public SyncDaemonState Daemons { get; init; } = SyncDaemonState.None;

    /// <summary>What goes with the objects beside their values: versions, tombstones.</summary>
    public ReplicaState Replica { get; init; } = ReplicaState.Empty;

    /// <summary>Null: declared services were never applied.</summary>
    public DeclarationApplied? Declaration { get; init; }

    public int Count => Places.Count;

    public IEnumerable<VirtualService> Services => ByPlace.Values;

    public VirtualService? Find(ServiceKey key) => Places.TryGetValue(key, out long place) ? ByPlace[place] : null;

    /// <summary>Those of these services that are there, in the table's order.</summary>
    public VirtualService[] InOrder(IEnumerable<ServiceKey> keys) =>
        [.. keys.Where(Places.ContainsKey).Select(key => Places[key]).Order().Select(place => ByPlace[place])];

    /// <summary>Whether the service is the one that the other table has by this name, edited or not, and no later one.</summary>
    public bool IsSame(ServiceTable other, ServiceKey key) =>
        Places.TryGetValue(key, out long place) && other.Places.TryGetValue(key, out long otherPlace) && place == otherPlace;

    public ServiceState StateOf(ServiceKey key) => new(key, Find(key));

    public IEnumerable<IPAddress> Addresses => Vips.Keys;

    public bool HasAddress(IPAddress vip) => Vips.ContainsKey(vip);

    /// <summary>The whole of a command against the whole table, for who has both (see <see cref="DirectorState"/>).</summary>
    public Decision Decide(DirectorCommand command, Capabilities can) => command switch
    {
        Clear => new(CommandResult.Done, [.. Services.Select(service => new ServiceDeleted(service.Key))]),
        _ => DecideAlone(command, can) ?? StateOf(KeyOf(command)).Decide(command, can),
    };

    /// <summary>A command that is about no service; null if it is about one, or about every one.</summary>
    public Decision? DecideAlone(DirectorCommand command, Capabilities can) => command switch
    {
        Zero { Service: null } => Decision.Nothing,
        SetTimeouts set => Decision.Accept(new TimeoutsSet(Timeouts.Changed(set.Timeouts))),
        AddMarks or DeleteMarks or DeleteMark or ClearMarks => Marks.Decide(command),
        SetSettings or DeclareSettings => Settings.Decide(command),
        StartDaemon or StopDaemon => Daemons.Decide(command, can.InterfaceMtu),
        _ => null,
    };

    public ServiceTable Apply(DirectorEvent happened)
    {
        ReplicaState replica = Replica.Apply(happened);
        ServiceTable next = ApplyValue(happened);
        return ReferenceEquals(replica, next.Replica) ? next : next with { Replica = replica };
    }

    private ServiceTable ApplyValue(DirectorEvent happened) => happened switch
    {
        ServiceEvent ofService => With(StateOf(ofService.Key).Apply(ofService)),
        TimeoutsSet set => this with { Timeouts = set.Timeouts },
        MarkEvent ofMarks => this with { Marks = Marks.Apply(ofMarks) },
        SettingsEvent ofSettings => this with { Settings = Settings.Apply(ofSettings) },
        SyncDaemonEvent ofDaemons => this with { Daemons = Daemons.Apply(ofDaemons) },
        DeclarationApplied applied => this with { Declaration = applied with { Stamp = null } },
        ReplicationEvent => this,
        _ => throw new ArgumentException($"{happened.GetType().Name} is not an event of the table", nameof(happened)),
    };

    /// <summary>The service that a command is about.</summary>
    public static ServiceKey KeyOf(DirectorCommand command) => command switch
    {
        AddService add => add.Service.Key,
        EditService edit => edit.Service.Key,
        DeleteService delete => delete.Service,
        AddServer add => add.Service,
        EditServer edit => edit.Service,
        DeleteServer delete => delete.Service,
        Zero { Service: { } key } => key,
        _ => throw new ArgumentException($"{command.GetType().Name} names no service", nameof(command)),
    };

    private ServiceTable With(ServiceState state)
    {
        bool known = Places.TryGetValue(state.Key, out long place);
        return (known, state.Service) switch
        {
            (true, { } service) => this with { ByPlace = ByPlace.SetItem(place, service) },
            (true, null) => this with { Places = Places.Remove(state.Key), ByPlace = ByPlace.Remove(place), Vips = Counted(state.Key, -1) },
            (false, { } service) => this with
            {
                Places = Places.Add(state.Key, NextPlace),
                ByPlace = ByPlace.Add(NextPlace, service),
                NextPlace = NextPlace + 1,
                Vips = Counted(state.Key, 1),
            },
            (false, null) => this,
        };
    }

    private ImmutableDictionary<IPAddress, int> Counted(ServiceKey key, int change)
    {
        if (key.Address is null)
            return Vips;
        int services = Vips.GetValueOrDefault(key.Address) + change;
        return services == 0 ? Vips.Remove(key.Address) : Vips.SetItem(key.Address, services);
    }
}
