using Akka.Actor;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Replication;

/// <summary>Two directors' actors over loopback, with real journals.</summary>
public sealed class PairTests
{
    private const string Web = "tcp 10.1.0.100:80";

    [Fact]
    public async Task An_edit_at_either_is_on_both_disks_and_live_at_both_when_it_is_answered()
    {
        await using Pair pair = await Pair.StartAsync();
        foreach ((Pair.Side asked, string key) in new[] { (pair.A, Web), (pair.B, "fwmark 7"), (pair.B, "fwmark 8"), (pair.A, "fwmark 9") })
        {
            CommandBatchResult answer = await asked.Director.ExecuteAsync(new AddService(Service(key)));
            Assert.Equal(CommandResult.Done, answer.Results.Single());
            Assert.NotNull(asked.Table.Find(Key(key)));
            Assert.NotNull((await pair.OnDiskAsync(pair.A)).Find(Key(key)));
            Assert.NotNull((await pair.OnDiskAsync(pair.B)).Find(Key(key)));
        }
        Assert.Equal(Pair.Text(await pair.OnDiskAsync(pair.A)), Pair.Text(await pair.OnDiskAsync(pair.B)));
        await Pair.UntilAsync(() => pair.A.Engine.Table.Length == 4 && pair.B.Engine.Table.Length == 4);
        Assert.Empty(pair.A.Warnings);
        Assert.Empty(pair.B.Warnings);
    }

    [Fact]
    public async Task A_standby_answers_as_the_owner_does()
    {
        await using Pair pair = await Pair.StartAsync();
        DirectorCommand[] commands = [new AddService(Service(Web)), new AddService(Service(Web)), new AddServer(Key("fwmark 9"), Server("10.2.0.11:80")), new DeleteMark(1), new SetSettings(new() { ["no_such"] = 1 })];
        CommandBatchResult answer = await pair.B.Director.ExecuteAsync(commands);
        Assert.Equal(
            [CommandError.None, CommandError.ServiceExists, CommandError.ServiceNotDefined, CommandError.NoSuchMark, CommandError.NoSuchSetting],
            answer.Results.Select(result => result.Error));
        Assert.Equal("there is no rule 1; there are 0", answer.Results[3].Detail);
    }

    [Fact]
    public async Task One_who_was_away_catches_up_and_what_was_deleted_stays_deleted()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.A.Director.ExecuteAsync(new AddService(Service(Web)), new AddService(Service("fwmark 7")), new SetTimeouts(new Timeouts(1, 2, 3)));
        await pair.StopAsync(pair.B);
        await pair.A.Director.ExecuteAsync(
            new DeleteService(Key(Web)), new EditService(Service("fwmark 7", "sh")), new AddServer(Key("fwmark 7"), Server("10.2.0.11:80")), new AddService(Service("fwmark 8")),
            new AddMarks([Mark("-d 10.1.0.100 -j MARK --set-mark 7")]), new SetSettings(new() { ["drop_entry"] = 1 }));

        await pair.StartAsync(pair.B);
        Assert.NotNull(pair.B.Table.Find(Key(Web)));
        pair.Own(pair.A, epoch: 1);
        pair.Join();
        await pair.InSyncAsync();

        Assert.Equal(["fwmark 7", "fwmark 8"], pair.B.Table.Services.Select(service => service.Key.ToString()));
        Assert.Equal(Pair.Text(await pair.OnDiskAsync(pair.A)), Pair.Text(await pair.OnDiskAsync(pair.B)));
        Assert.Equal(["fwmark 7", "fwmark 8"], pair.A.Table.Services.Select(service => service.Key.ToString()));
        Assert.Equal(1, pair.B.Engine.Settings.DropEntry);
        Assert.Single(pair.B.Engine.Marks);
        // The services' actors have it too.
        Assert.Equal(CommandError.ServerExists, (await pair.B.Director.ExecuteAsync(new AddServer(Key("fwmark 7"), Server("10.2.0.11:80")))).Results[0].Error);
        pair.Own(pair.B, epoch: 2);
        Assert.Equal(CommandError.ServerExists, (await pair.B.Director.ExecuteAsync(new AddServer(Key("fwmark 7"), Server("10.2.0.11:80")))).Results[0].Error);
        Assert.True((await pair.B.Director.ExecuteAsync(new AddService(Service(Web)))).Results[0].Succeeded);
    }

    [Fact]
    public async Task Edited_apart_they_become_one_and_tell_what_was_overridden_until_it_is_edited_again()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.A.Director.ExecuteAsync(new AddService(Service(Web)));
        pair.Cut();
        pair.B.Director.Actors.Replication.Tell(new Actors.Election.OwnerIs("b", 2, Self: true));
        await pair.A.Director.ExecuteAsync(new EditService(Service(Web, "sh")), new AddService(Service("fwmark 1")));
        await pair.B.Director.ExecuteAsync(new EditService(Service(Web, "rr")), new AddService(Service("fwmark 2")));
        pair.Own(pair.B, epoch: 2);
        pair.Join();
        await pair.InSyncAsync();

        const string Told = "was edited at two directors that did not reach each other: the edit 1.2.a (-A -t 10.1.0.100:80 -s sh) is overridden by 2.2.b (-A -t 10.1.0.100:80 -s rr)";
        foreach (Pair.Side side in (Pair.Side[])[pair.A, pair.B])
        {
            Assert.Contains(Told, Assert.Single(side.Warnings), StringComparison.Ordinal);
            Assert.Equal(["fwmark 1 wlc", "fwmark 2 wlc", $"{Web} rr"], side.Table.Services.Select(service => $"{service.Key} {service.Scheduler}").Order());
        }
        Assert.Equal(Pair.Text(await pair.OnDiskAsync(pair.A)), Pair.Text(await pair.OnDiskAsync(pair.B)));

        await pair.A.Director.ExecuteAsync(new EditService(Service(Web, "lc")));
        Assert.Empty(pair.A.Warnings);
        Assert.Empty(pair.B.Warnings);
        Assert.Equal("lc", pair.B.Table.Find(Key(Web))!.Scheduler);
    }

    [Fact]
    public async Task Both_restarted_alone_hold_everything()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.A.Director.ExecuteAsync(new AddService(Service(Web)), new AddServer(Key(Web), Server("10.2.0.11:80")));
        await pair.B.Director.ExecuteAsync(new AddService(Service("fwmark 7")));
        await pair.StopAsync(pair.A);
        await pair.StopAsync(pair.B);
        foreach (Pair.Side side in (Pair.Side[])[pair.A, pair.B])
        {
            await pair.StartAsync(side);
            Assert.Equal([Web, "fwmark 7"], side.Table.Services.Select(service => service.Key.ToString()));
            Assert.True((await side.Director.ExecuteAsync(new DeleteService(Key("fwmark 7")))).Results[0].Succeeded);
        }
    }

    [Fact]
    public async Task A_standby_whose_owner_is_gone_takes_edits_itself()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.StopAsync(pair.A);
        Assert.True((await pair.B.Director.ExecuteAsync(new AddService(Service(Web)))).Results[0].Succeeded);
        Assert.NotNull((await pair.OnDiskAsync(pair.B)).Find(Key(Web)));
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task Ten_thousand_services_are_at_a_newcomer_within_seconds_and_go_through_a_standby_in_one_batch()
    {
        await using Pair pair = new();
        await pair.StartAsync(pair.A);
        DirectorCommand[] commands = [.. Enumerable.Range(0, 10_000).Select(i => new AddService(
            Service($"tcp 10.{i / 62500}.{i / 250 % 250}.{i % 250}:80") with { Servers = [Server("10.250.0.11:80"), Server("10.250.0.12:80")] }))];
        Assert.All((await pair.A.Director.ExecuteAsync(commands)).Results, result => Assert.True(result.Succeeded));
        await pair.StartAsync(pair.B);
        pair.Own(pair.A, 1);
        long start = TimeProvider.System.GetTimestamp();
        pair.Join();
        await pair.InSyncAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"caught up in {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:f0} ms");
        Assert.Equal(10_000, pair.B.Table.Count);
        Assert.Equal(pair.A.Table.Services.Select(service => service.Key), pair.B.Table.Services.Select(service => service.Key));

        start = TimeProvider.System.GetTimestamp();
        CommandBatchResult answer = await pair.B.Director.ExecuteAsync([new Clear(), .. commands]);
        TestContext.Current.TestOutputHelper?.WriteLine($"replaced through the standby in {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:f0} ms");
        Assert.Equal(10_001, answer.Results.Count(result => result.Succeeded));
        Assert.Equal((10_000, 10_000), (pair.A.Table.Count, pair.B.Table.Count));
    }

    [Fact]
    public async Task A_journal_of_another_cluster_is_not_merged_and_both_say_what_to_do()
    {
        await using Pair pair = new();
        await pair.StartAsync(pair.A);
        await pair.StartAsync(pair.B);
        await pair.A.Director.ExecuteAsync(new AddService(Service(Web)));
        await pair.B.Director.ExecuteAsync(new AddService(Service("fwmark 7")));
        pair.Own(pair.A, 2);
        pair.Join();
        await Pair.UntilAsync(() => pair.A.Warnings.Length == 1 && pair.B.Warnings.Length == 1);
        Assert.All((Pair.Side[])[pair.A, pair.B], side => Assert.Matches("^[ab] has the journal of another cluster .* move director.db ", side.Warnings[0]));
        Assert.Single(pair.A.Table.Services);
        // It is not edited at the other either.
        Assert.True((await pair.B.Director.ExecuteAsync(new AddService(Service("fwmark 8")))).Results[0].Succeeded);
        Assert.Equal((1, 2), (pair.A.Table.Count, pair.B.Table.Count));

        await pair.StopAsync(pair.B);
        // (A pooled connection would go on with the file that is gone.)
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(pair.JournalOf(pair.B))!, "b.db*"))
            File.Delete(file);
        await pair.StartAsync(pair.B);
        pair.Own(pair.A, 2);
        pair.Join();
        await pair.InSyncAsync();
        Assert.Equal(Web, Assert.Single(pair.B.Table.Services).Key.ToString());
        Assert.Empty(pair.A.Warnings);
    }

    [Fact]
    public async Task Directors_that_were_given_the_same_before_they_met_are_one_cluster()
    {
        await using Pair pair = new();
        await pair.StartAsync(pair.A);
        await pair.StartAsync(pair.B);
        await pair.A.Director.ExecuteAsync(new AddService(Service(Web)), new AddService(Service("fwmark 7")));
        await pair.B.Director.ExecuteAsync(new AddService(Service("fwmark 7")), new AddService(Service(Web)));
        pair.Own(pair.A, 1);
        pair.Join();
        await pair.InSyncAsync();
        Assert.Empty(pair.A.Warnings);
        Assert.Empty(pair.B.Warnings);
        Assert.Equal(pair.A.Director.Replicas.Current.Cluster, pair.B.Director.Replicas.Current.Cluster);
    }
}
