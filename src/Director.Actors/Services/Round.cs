using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Director.Actors.Replication;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>One transaction that somebody waits for.</summary>
internal sealed record Request(IActorRef ReplyTo, ImmutableArray<DirectorCommand> Commands)
{
    /// <summary>It is the configuration's, and nobody's edit.</summary>
    public bool IsDeclaration { get; init; }

    /// <summary>Goes to the journal with the transaction if every command succeeds.</summary>
    public ImmutableArray<DirectorEvent> Declares { get; init; } = [];
}

/// <summary>
/// Every transaction that waited when the last round ended: decided in order, written to the journal as one, published as one
/// revision. So a lone command waits for one disk write, and a thousand concurrent ones share a few.
/// </summary>
internal sealed class Round
{
    private readonly ImmutableArray<Request> _requests;
    private readonly DirectorCommand[] _commands;
    private readonly CommandResult?[] _results;
    private readonly List<(int Place, DirectorEvent Event)> _events = [];
    private readonly HashSet<ServiceKey> _undecided = [];
    private readonly ServiceTable _table;
    private ServiceTable _alone;

    public Round(long number, ImmutableArray<Request> requests, ServiceTable table)
    {
        Number = number;
        _requests = requests;
        _commands = [.. requests.SelectMany(request => request.Commands)];
        _results = new CommandResult?[_commands.Length];
        _table = _alone = table;
        NewAddresses = [.. _commands.OfType<AddService>().Select(add => add.Service.Key.Address).OfType<IPAddress>()
            .Where(vip => ServiceRules.IsUnicast(vip) && !table.HasAddress(vip)).Distinct()];
    }

    public long Number { get; }

    /// <summary>VIPs that no service has yet: to be probed before one has.</summary>
    public IPAddress[] NewAddresses { get; }

    /// <summary>The services that take part.</summary>
    public IReadOnlyCollection<ServiceKey> Participants { get; private set; } = [];

    public bool IsDecided => _undecided.Count == 0;

    /// <summary>What the commands come to, in the order of the commands.</summary>
    public ImmutableArray<DirectorEvent> Events { get; private set; } = [];

    /// <summary>Services whose counters are zeroed once the table is live; a null is all of them.</summary>
    public ImmutableArray<ServiceKey?> Zeroes { get; private set; } = [];

    /// <summary>A service whose address another has is refused; what else the transactions hold is not.</summary>
    public void Refuse(IEnumerable<AddressConflict> conflicts)
    {
        foreach (AddressConflict conflict in conflicts)
        {
            for (int i = 0; i < _commands.Length; i++)
            {
                if (_commands[i] is AddService add && conflict.Address.Equals(add.Service.Key.Address))
                    _results[i] = new CommandResult(CommandError.AddressInUse, Conflicts.Describe(conflict));
            }
        }
    }

    /// <summary>The commands of each service, for it to decide; the rest is decided here.</summary>
    public IReadOnlyDictionary<ServiceKey, ImmutableArray<Numbered>> Share(ServiceTable table, Capabilities can)
    {
        Dictionary<ServiceKey, ImmutableArray<Numbered>.Builder> shares = [];
        for (int i = 0; i < _commands.Length; i++)
        {
            if (_results[i] is not null)
                continue;
            if (_alone.DecideAlone(_commands[i], can) is { } decision)
            {
                Keep(i, decision);
                continue;
            }
            switch (_commands[i])
            {
                case Clear clear:
                    // For every service that is there, and for those that this round may have added by then.
                    foreach (ServiceKey key in table.Services.Select(service => service.Key).Union(shares.Keys).ToArray())
                        ShareOf(key).Add(new Numbered(i, clear));
                    break;
                default:
                    ShareOf(ServiceTable.KeyOf(_commands[i])).Add(new Numbered(i, _commands[i]));
                    continue;
            }
            _results[i] = CommandResult.Done;
        }
        _undecided.UnionWith(shares.Keys);
        Participants = shares.Keys;
        return shares.ToDictionary(share => share.Key, share => share.Value.DrainToImmutable());

        ImmutableArray<Numbered>.Builder ShareOf(ServiceKey key) =>
            shares.TryGetValue(key, out var share) ? share : shares[key] = ImmutableArray.CreateBuilder<Numbered>();
    }

    // Timeouts, marks, settings and daemons: the commands after it are decided on top of it.
    private void Keep(int place, Decision decision)
    {
        _results[place] = decision.Result;
        foreach (DirectorEvent happened in decision.Events)
        {
            _alone = _alone.Apply(happened);
            _events.Add((place, happened));
        }
    }

    public void Take(Decided decided)
    {
        if (!_undecided.Remove(decided.Service))
            return;
        foreach ((int place, Decision decision) in decided.Decisions)
        {
            _results[place] ??= decision.Result;
            _events.AddRange(decision.Events.Select(happened => (place, happened)));
        }
    }

    /// <summary>Every service has decided: the round's events and zeroes stand.</summary>
    /// <param name="identity">Who this is.</param>
    /// <param name="epoch">Of the ownership.</param>
    public void Close(ReplicaIdentity identity, ulong epoch)
    {
        bool isEdit = false;
        int first = 0;
        foreach (Request request in _requests)
        {
            int end = first + request.Commands.Length;
            isEdit |= !request.IsDeclaration && _events.Exists(each => each.Place >= first && each.Place < end);
            if (_results[first..end].All(result => result!.Succeeded))
                _events.AddRange(request.Declares.Select(declares => (end - 1, declares)));
            first = end;
        }
        // Stable: a service's own events keep their order, those of a Clear are in any order.
        Events = Objects.Stamped(_table, _events.OrderBy(one => one.Place).Select(one => one.Event), identity.Director, epoch, identity.Now);
        if (isEdit && _table.Replica.Cluster is { IsSettled: false } cluster)
            Events = Events.Add(cluster with { IsSettled = true });
        Zeroes = [.. _commands.Where((command, i) => command is Zero && _results[i]!.Succeeded).Select(command => ((Zero)command).Service)];
    }

    public void Answer(ulong revision)
    {
        int first = 0;
        foreach (Request request in _requests)
        {
            CommandResult[] results = _results[first..(first + request.Commands.Length)]!;
            request.ReplyTo.Tell(new CommandBatchResult(results, revision));
            first += request.Commands.Length;
        }
    }

    public void AnswerUnavailable(string why, ulong revision)
    {
        Array.Fill(_results, new CommandResult(CommandError.Unavailable, why));
        Answer(revision);
    }
}
