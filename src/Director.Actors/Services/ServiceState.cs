using System.Collections.Immutable;
using System.Net;
using Director.Actors.Replication;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// One virtual service, there or not there, and what becomes of it: <see cref="Decide"/> answers a command as the kernel's IPVS
/// does, <see cref="Apply"/> follows an event. Both are pure; actor, journal recovery and tests share them.
/// A null <paramref name="Service"/> is: there is no such service.
/// </summary>
public sealed record ServiceState(ServiceKey Key, VirtualService? Service = null)
{
    public Decision Decide(DirectorCommand command, Capabilities can) => command switch
    {
        AddService add => Add(ServiceRules.Normalise(add.Service), can),
        EditService edit => Edit(ServiceRules.Normalise(edit.Service with { Servers = [] }), can),
        DeleteService => Service is null ? Decision.Refuse(CommandError.NoSuchService) : Decision.Accept(new ServiceDeleted(Key)),
        Clear => Service is null ? Decision.Nothing : Decision.Accept(new ServiceDeleted(Key)),
        Zero => Service is null ? Decision.Refuse(CommandError.NoSuchService) : Decision.Nothing,
        AddServer or EditServer or DeleteServer when Service is null => Decision.Refuse(CommandError.ServiceNotDefined),
        AddServer add => Add(ServiceRules.Normalise(Key, add.Server), can),
        EditServer edit => Edit(ServiceRules.Normalise(Key, edit.Server), can),
        DeleteServer delete => Find(delete.Address, delete.Port) < 0
            ? Decision.Refuse(CommandError.NoSuchServer)
            : Decision.Accept(new ServerDeleted(Key, delete.Address, delete.Port)),
        _ => throw new ArgumentException($"{command.GetType().Name} is not a command of a service", nameof(command)),
    };

    public ServiceState Apply(ServiceEvent happened) => happened switch
    {
        ServiceAdded added => this with { Service = added.Service },
        ServicePut put => this with { Service = put.Service },
        ServiceEdited edited => this with { Service = edited.Service with { Servers = Existing.Servers } },
        ServiceDeleted => this with { Service = null },
        ServerAdded added => With(Existing.Servers.Add(added.Server)),
        ServerEdited edited => With(Existing.Servers.SetItem(Find(edited.Server.Address, edited.Server.Port), edited.Server)),
        ServerDeleted deleted => With(Existing.Servers.RemoveAt(Find(deleted.Address, deleted.Port))),
        _ => throw new ArgumentException($"{happened.GetType().Name} is not an event of a service", nameof(happened)),
    };

    private VirtualService Existing => Service ?? throw new InvalidOperationException($"{Key} does not exist: the events are not its history");

    private Decision Add(VirtualService service, Capabilities can)
    {
        if (Service is not null)
            return Decision.Refuse(CommandError.ServiceExists);
        if (ServiceRules.Object(service, can) is { } objection)
            return Decision.Refuse(objection);
        // Servers that come with it pass the same examination, one after the other, or nothing is added.
        ServiceState grown = new(Key, service with { Servers = [] });
        foreach (RealServer server in service.Servers)
        {
            Decision one = grown.Add(server, can);
            if (!one.Result.Succeeded)
                return Decision.Refuse(one.Result.Error, $"server {Endpoints.Format(server.Address, server.Port)}: {one.Result.Detail ?? "it is listed twice"}");
            grown = grown.Apply((ServiceEvent)one.Events[0]);
        }
        return Decision.Accept(new ServiceAdded(service));
    }

    private Decision Edit(VirtualService service, Capabilities can) =>
        Service is null ? Decision.Refuse(CommandError.NoSuchService)
        : (ServiceRules.Object(service, can) ?? ServiceRules.ObjectTogether(service, Existing.Servers)) is { } objection ? Decision.Refuse(objection)
        : Decision.Accept(new ServiceEdited(service));

    private Decision Add(RealServer server, Capabilities can) =>
        (ServiceRules.Object(Key, server, can) ?? ServiceRules.ObjectTogether(Existing, [server])) is { } objection ? Decision.Refuse(objection)
        : Find(server.Address, server.Port) >= 0 ? Decision.Refuse(CommandError.ServerExists)
        : !ServiceRules.CanServe(server.Address) ? Decision.Refuse(CommandError.InvalidOperation, $"{server.Address} is not a unicast address, or is good on its own link only")
        : Decision.Accept(new ServerAdded(Key, server));

    private Decision Edit(RealServer server, Capabilities can) =>
        (ServiceRules.Object(Key, server, can) ?? ServiceRules.ObjectTogether(Existing, [server])) is { } objection ? Decision.Refuse(objection)
        : Find(server.Address, server.Port) < 0 ? Decision.Refuse(CommandError.NoSuchServer)
        : Decision.Accept(new ServerEdited(Key, server));

    private int Find(IPAddress address, ushort port)
    {
        for (int i = 0; i < Existing.Servers.Length; i++)
        {
            if (Existing.Servers[i].IsAt(address, port))
                return i;
        }
        return -1;
    }

    private ServiceState With(ImmutableArray<RealServer> servers) => this with { Service = Existing with { Servers = servers } };
}
