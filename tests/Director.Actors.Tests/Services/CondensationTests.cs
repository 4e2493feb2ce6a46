using System.Text.Json;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Services;

/// <summary>Fewer events for a batch, of which the same comes.</summary>
public sealed class CondensationTests
{
    private static readonly string[] Keys = ["tcp 10.1.0.100:80", "tcp 10.1.0.100:81", "udp 10.1.0.100:53"];

    /// <summary>What there was, commands, and the events in the order of the commands.</summary>
    public static TheoryData<string, bool, string, string> Batches => new()
    {
        { "a service with its servers", false, "A a1 a2", "added 10.2.0.1 10.2.0.2|-|-" },
        { "what was refused is no part of it", false, "a1 A A a1 a1", "-|added 10.2.0.1|-|-|-" },
        { "edited and deleted servers", false, "A a1 a2 e1 d2", "added 10.2.0.1*|-|-|-|-" },
        { "added and deleted", false, "A a1 D", "-|-|-" },
        { "added, deleted and added", false, "A a1 D A a2", "-|-|-|added 10.2.0.2|-" },
        { "one that was there is only changed", true, "a1 e1 E", "ServerAdded|ServerEdited|ServiceEdited" },
        { "one that was there, deleted", true, "a1 D", "ServerAdded|ServiceDeleted" },
        { "one that was there, again", true, "a1 D A a2", "-|ServiceDeleted|added 10.2.0.2|-" },
        { "again and again", true, "D A D A a1", "ServiceDeleted|-|-|added 10.2.0.1|-" },
        { "and no more", true, "D A D", "ServiceDeleted|-|-" },
    };

    [Theory]
    [MemberData(nameof(Batches))]
    public void A_service_that_a_batch_adds_is_one_event(string name, bool there, string commands, string events)
    {
        ServiceState before = new(Key(Keys[0]), there ? Service(Keys[0]) : null);
        ServiceState after = before;
        (int, Decision Decision)[] decisions = [.. commands.Split(' ').Select((word, place) => (place, Decide(ref after, Command(Keys[0], word))))];
        Condensation.Condense(decisions, before, after);
        string condensed = string.Join('|', decisions.Select(each => Describe(each.Decision)));
        Assert.True(events == condensed, $"{name}: {condensed}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_table_becomes_what_every_single_event_makes_of_it(int seed)
    {
        Random random = new(seed);
        string[] words = ["A", "A", "a1", "a2", "a3", "e1", "E", "d2", "D"];
        for (int round = 0; round < 200; round++)
        {
            ServiceTable plain = ServiceTable.Empty.Apply(new ServiceAdded(Service(Keys[2]))), condensed = plain;
            DirectorCommand[] commands = [.. Enumerable.Range(0, 12).Select(_ => Command(Keys[random.Next(3)], words[random.Next(words.Length)]))];

            List<(int Place, DirectorEvent Event)> events = [];
            foreach (IGrouping<ServiceKey, (DirectorCommand Command, int Place)> ofService in commands.Select((command, place) => (command, place)).GroupBy(each => ServiceTable.KeyOf(each.command)))
            {
                ServiceState before = plain.StateOf(ofService.Key), after = before;
                (int Place, Decision Decision)[] decisions = [.. ofService.Select(each => (each.Place, Decide(ref after, each.Command)))];
                Condensation.Condense(decisions, before, after);
                events.AddRange(decisions.SelectMany(each => each.Decision.Events.Select(happened => (each.Place, happened))));
            }
            condensed = events.OrderBy(each => each.Place).Aggregate(condensed, (table, each) => table.Apply(each.Event));
            foreach (DirectorCommand command in commands)
                plain = plain.Decide(command, Capabilities.Recorded).Events.Aggregate(plain, (table, happened) => table.Apply(happened));

            Assert.Equal(Text(plain), Text(condensed));
        }
    }

    private static Decision Decide(ref ServiceState state, DirectorCommand command)
    {
        Decision decision = state.Decide(command, Capabilities.Recorded);
        state = decision.Events.Aggregate(state, (changed, happened) => changed.Apply((ServiceEvent)happened));
        return decision;
    }

    // A, E, D: the service; a1, e1, d1: its server 10.2.0.1, e with weight 9.
    private static DirectorCommand Command(string key, string word)
    {
        RealServer server = Server($"10.2.0.{(word.Length > 1 ? word[1..] : "1")}:80");
        return word[0] switch
        {
            'A' => new AddService(Service(key)),
            'E' => new EditService(Service(key, "rr")),
            'D' => new DeleteService(Key(key)),
            'a' => new AddServer(Key(key), server),
            'e' => new EditServer(Key(key), server with { Weight = 9 }),
            _ => new DeleteServer(Key(key), server.Address, server.Port),
        };
    }

    private static string Describe(Decision decision) => decision.Events switch
    {
        [] => "-",
        [ServiceAdded { Service.Servers: var servers }] => $"added {string.Join(' ', servers.Select(server => $"{server.Address}{(server.Weight == 9 ? "*" : "")}"))}".TrimEnd(),
        [var happened] => happened.GetType().Name,
        _ => throw new InvalidOperationException("a command makes one event at most"),
    };

    private static string Text(ServiceTable table) => string.Join('\n', table.Services.Select(service => JsonSerializer.Serialize(service, DirectorJson.Default.VirtualService)));
}
