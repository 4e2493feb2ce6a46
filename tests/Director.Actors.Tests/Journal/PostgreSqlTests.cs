using Director.Actors.Journal;
using Director.Actors.Tests.Forwarding;
using Director.Model;
using Npgsql;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Journal;

/// <summary>The journal in a real PostgreSQL.</summary>
[Trait("Category", "Long")]
public sealed class PostgreSqlTests(PostgreSqlServer server) : IClassFixture<PostgreSqlServer>
{
    private const string Web = "tcp 10.1.0.100:80";

    [Theory]
    [InlineData("from-events", 1000)]
    [InlineData("from-snapshots", 3)]
    public async Task A_new_director_knows_every_service_and_another_one_none_of_them(string name, int snapshotEvery)
    {
        ulong revision;
        await using (RunningDirector first = await StartAsync(name, snapshotEvery))
        {
            await first.ExecuteAsync(new AddService(Service(Web)), new SetTimeouts(new Timeouts(1, 2, 3)), new AddService(Service("fwmark 1")));
            for (int i = 11; i < 16; i++)
                await first.ExecuteAsync(new AddServer(Key(Web), Server($"10.2.0.{i}:80")));
            revision = (await first.ExecuteAsync(new DeleteService(Key("fwmark 1")))).Revision;
        }
        PostgreSqlJournal.Prepare(server.ConnectionString, name);
        await using RunningDirector second = await StartAsync(name, snapshotEvery);
        VirtualService there = Assert.Single(second.Live.Current.Table.Services);
        Assert.Equal((Web, 5, new Timeouts(1, 2, 3), revision), (there.Key.ToString(), there.Servers.Length, second.Live.Current.Table.Timeouts, second.Live.Current.Revision));
        Assert.Single(second.Live.Current.Table.Replica.Stamps, each => each.Key.Service == Key("fwmark 1"));

        await using RunningDirector other = await StartAsync(name + "-other", snapshotEvery);
        Assert.Empty(other.Live.Current.Table.Services);
    }

    [Fact]
    public async Task Events_of_a_later_version_are_refused_by_the_director_whose_they_are()
    {
        await using (RunningDirector director = await StartAsync("later", 1000))
            await director.ExecuteAsync(new AddService(Service(Web)));
        await using NpgsqlConnection connection = new(server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using NpgsqlCommand command = new("UPDATE journal SET manifest = 'service-added/9' WHERE persistence_id = 'director-later' AND manifest LIKE 'service-added/%'", connection);
        Assert.Equal(1, await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken));

        Assert.Contains("'service-added/9'", Assert.Throws<JournalException>(() => PostgreSqlJournal.Prepare(server.ConnectionString, "later")).Message, StringComparison.Ordinal);
        PostgreSqlJournal.Prepare(server.ConnectionString, "earlier");
    }

    [Fact]
    public async Task While_the_database_is_away_edits_are_refused_and_the_table_stays_in_force()
    {
        await using PostgreSqlServer own = new();
        await own.InitializeAsync();
        FakeEngine engine = new();
        await using RunningDirector director = await RunningDirector.StartAsync("", engine, name: "a", store: JournalStore.PostgreSql(own.ConnectionString, "a"));
        await director.ExecuteAsync(new AddService(Service(Web)));
        await own.StopAsync();
        Assert.Equal(CommandError.Unavailable, (await director.ExecuteAsync(new AddService(Service("fwmark 1")))).Results[0].Error);
        Assert.Equal(Web, Assert.Single(engine.Table).Key.ToString());

        await own.StartAsync();
        while (!(await director.ExecuteAsync(new AddService(Service("fwmark 2")))).Results[0].Succeeded)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal([Web, "fwmark 2"], director.Live.Current.Table.Services.Select(service => service.Key.ToString()));
    }

    [Fact]
    public void A_database_that_is_not_there_is_named_and_its_password_is_not()
    {
        string message = Assert.Throws<JournalException>(() => PostgreSqlJournal.Prepare("Host=127.0.0.1;Port=1;Username=director;Password=secret", "a")).Message;
        Assert.StartsWith("journal postgresql 127.0.0.1:1/director: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", message, StringComparison.Ordinal);
    }

    private Task<RunningDirector> StartAsync(string name, int snapshotEvery) =>
        RunningDirector.StartAsync("", new FakeEngine(), snapshotEvery, name: name, store: JournalStore.PostgreSql(server.ConnectionString, name));
}
