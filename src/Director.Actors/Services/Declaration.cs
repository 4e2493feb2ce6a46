using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Director.Actors.Replication;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>What the configuration declares, as commands on top of what is there.</summary>
internal static class Declaration
{
    public static Request Request(Declare declare, ServiceTable table, IActorRef replyTo)
    {
        ImmutableArray<DirectorEvent> seen = table.Replica.DeclarationSeen == declare.Fingerprint ? [] : [new DeclarationSeen(declare.Fingerprint)];
        ImmutableArray<DirectorCommand> settings = declare.Settings == table.Settings.Declared ? [] : [new DeclareSettings(declare.Settings)];
        return table.Declaration?.Digest == declare.Digest || (table.Declaration is null && declare.Services.IsEmpty)
            ? new Request(replyTo, settings) { IsDeclaration = true, Declares = seen }
            : new Request(replyTo, [.. Commands(declare, table), .. settings])
            {
                IsDeclaration = true,
                Declares = [new DeclarationApplied(declare.Digest, [.. declare.Services.Select(service => service.Key)]), .. seen],
            };
    }

    /// <summary>
    /// Declared services become what is declared; those declared before and no longer are deleted; what was typed by hand beside
    /// them stays.
    /// </summary>
    private static ImmutableArray<DirectorCommand> Commands(Declare declare, ServiceTable table)
    {
        HashSet<ServiceKey> declared = [.. declare.Services.Select(service => service.Key)];
        IEnumerable<DirectorCommand> dropped = (table.Declaration?.Services ?? [])
            .Where(key => !declared.Contains(key) && table.Find(key) is not null)
            .Select(key => new DeleteService(key));
        return [.. dropped, .. declare.Services.SelectMany(service => Bring(table.Find(service.Key), ServiceRules.Normalise(service)))];
    }

    private static IEnumerable<DirectorCommand> Bring(VirtualService? there, VirtualService declared)
    {
        if (there is null)
        {
            yield return new AddService(declared);
            yield break;
        }
        yield return new EditService(declared);
        Dictionary<(IPAddress, ushort), RealServer> old = there.Servers.ToDictionary(server => (server.Address, server.Port));
        foreach (RealServer server in declared.Servers)
        {
            if (!old.Remove((server.Address, server.Port), out RealServer? before))
                yield return new AddServer(declared.Key, server);
            else if (before != server)
                yield return new EditServer(declared.Key, server);
        }
        foreach (RealServer gone in old.Values)
            yield return new DeleteServer(declared.Key, gone.Address, gone.Port);
    }
}
