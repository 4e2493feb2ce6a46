using System.Collections.Immutable;
using System.Globalization;
using Akka.Actor;
using Akka.Event;
using Director.Actors.Replication;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>The services' actors, by their keys: children of the <see cref="ServicesActor"/>, whose thread this is used on.</summary>
internal sealed class ServiceChildren(IActorContext context, Capabilities capabilities, ILoggingAdapter log)
{
    /// <summary>Services that are named in the log; of more only the number is told.</summary>
    private const int MostTold = 50;

    private readonly Dictionary<ServiceKey, IActorRef> _services = [];
    private long _incarnations;

    /// <summary>Begins anew from a table that was read.</summary>
    public void Restore(ServiceTable table)
    {
        foreach (IActorRef service in _services.Values)
            context.Stop(service);
        _services.Clear();
        foreach (VirtualService service in table.Services)
            Of(service.Key, table);
    }

    public void Decide(Round round, ServiceTable table)
    {
        foreach ((ServiceKey key, ImmutableArray<Numbered> commands) in round.Share(table, capabilities))
            Of(key, table).Tell(new Decide(round.Number, commands));
    }

    // After the answer: nobody has to wait for ten thousand services to put their servers in order. (Should the journal have been read
    // again meanwhile, they begin from what it holds, and there is nothing to tell those that it does not.)
    public void Commit(Round round, ServiceTable table) => Tell(round, table, new Commit(round.Number));

    public void Abandon(Round round, ServiceTable table) => Tell(round, table, new Abandon(round.Number));

    /// <summary>Services that another director edited.</summary>
    public void Adopt(ImmutableArray<DirectorEvent> events, ServiceTable table)
    {
        foreach (ServiceKey key in events.OfType<ServiceEvent>().Select(happened => happened.Key).Distinct())
        {
            if (table.Find(key) is not null)
                Of(key, table).Tell(new Adopt(table.StateOf(key)));
            else if (_services.ContainsKey(key))
                Forget(key);
        }
    }

    public void Observe(Observed observed)
    {
        foreach (ServiceStatistics seen in observed.Statistics.Services)
        {
            if (_services.TryGetValue(seen.Key, out IActorRef? service))
                service.Tell(seen);
        }
    }

    public void Log(ImmutableArray<DirectorEvent> events, string by)
    {
        ServiceEvent[] told = [.. events.OfType<ServiceEvent>().Where(happened => happened is ServiceAdded or ServicePut or ServiceDeleted)];
        int deleted = told.Count(happened => happened is ServiceDeleted);
        if (told.Length > MostTold)
        {
            log.Info("{Added} services added or changed, {Deleted} deleted{By}", told.Length - deleted, deleted, by);
            return;
        }
        foreach (ServiceEvent happened in told)
            log.Info("{Service} {Change}{By}", happened.Key, happened switch { ServiceAdded => "added", ServicePut => "added or changed", _ => "deleted" }, by);
    }

    private void Tell(Round round, ServiceTable table, object message)
    {
        foreach (ServiceKey key in round.Participants.Where(_services.ContainsKey))
        {
            _services[key].Tell(message);
            if (table.Find(key) is null)
                Forget(key);
        }
    }

    private IActorRef Of(ServiceKey key, ServiceTable table)
    {
        if (!_services.TryGetValue(key, out IActorRef? service))
        {
            // The number keeps a service that is added again apart from the one that is just stopping.
            string name = string.Create(CultureInfo.InvariantCulture, $"{Uri.EscapeDataString(key.ToString())}-{++_incarnations}");
            ServiceState state = table.StateOf(key);
            service = context.ActorOf(Made<VirtualServiceActor>.By(() => new VirtualServiceActor(state, capabilities)), name);
            _services.Add(key, service);
        }
        return service;
    }

    private void Forget(ServiceKey key)
    {
        // After its Commit or Abandon: Stop would overtake them.
        _services[key].Tell(PoisonPill.Instance);
        _services.Remove(key);
    }
}
