using System.Collections.Immutable;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Tests.Replication;

/// <summary>A director's table that is edited and merged, without actors, journal and network.</summary>
internal sealed class Island(string name, ServiceTable? table = null)
{
    public const long Now = 1_790_000_000;

    public string Name => name;

    public ServiceTable Table { get; private set; } = table ?? ServiceTable.Empty;

    public ulong Epoch { get; set; } = 1;

    /// <summary>Every override that the director told of, in order.</summary>
    public List<EditOverridden> Told { get; } = [];

    public ImmutableArray<DirectorEvent> Edit(params DirectorCommand[] commands)
    {
        List<DirectorEvent> events = [];
        ServiceTable then = Table;
        foreach (DirectorCommand command in commands)
        {
            Decision decision = then.Decide(command, Capabilities.Recorded);
            Assert.True(decision.Result.Succeeded, $"{command}: {decision.Result}");
            then = decision.Events.Aggregate(then, (grown, happened) => grown.Apply(happened));
            events.AddRange(decision.Events);
        }
        ImmutableArray<DirectorEvent> stamped = Objects.Stamped(Table, events, name, Epoch, Now);
        Apply(stamped);
        return stamped;
    }

    public ImmutableArray<DirectorEvent> Merge(IEnumerable<DirectorEvent> states, long now = Now)
    {
        ImmutableArray<DirectorEvent> events = Merging.Merge(Table, states, now);
        Apply(events);
        Told.AddRange(events.OfType<EditOverridden>());
        return events;
    }

    public void Merge(Island other) => Merge(other.States());

    public DirectorEvent[] States() => [.. Objects.Of(Table).Select(key => Objects.StateOf(Table, key)!)];

    public void Apply(IEnumerable<DirectorEvent> events) => Table = events.Aggregate(Table, (grown, happened) => grown.Apply(happened));

    /// <summary>Everything that two directors must agree on, as text.</summary>
    public static string Text(ServiceTable table) => string.Join('\n', Objects.Of(table)
        .Where(key => key.Kind != ObjectKind.Override)
        .Select(key => (Key: key.ToString(), State: Objects.StateOf(table, key)!))
        .OrderBy(each => each.Key, StringComparer.Ordinal)
        .Select(each => $"{each.Key} {System.Text.Encoding.UTF8.GetString(Actors.Journal.JournalSerializer.Encode(each.State))}"));
}
