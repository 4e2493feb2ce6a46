using Director.Actors.Services;
using Director.Actors.Tests.Forwarding;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Marks;

/// <summary>Marks and settings through the actors: journaled, and in force in the engine when the answer is there.</summary>
public sealed class MarkTransactionTests : IAsyncLifetime
{
    private static readonly MarkRule Configured = Mark("-d 10.1.0.100 -j MARK --set-mark 7");

    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();
    private RunningDirector _director = null!;

    public async ValueTask InitializeAsync() => _director = await RunningDirector.StartAsync(_folder.Journal, _engine, marks: Configured);

    public async ValueTask DisposeAsync()
    {
        await _director.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Rules_of_the_configuration_come_first_and_are_not_journaled()
    {
        Assert.Equal([Configured], _engine.Marks);
        await _director.ExecuteAsync(new AddMarks([Mark("-p tcp -j MARK --set-mark 8")]));
        Assert.Equal([Configured, Mark("-p tcp -j MARK --set-mark 8")], _engine.Marks);

        await _director.DisposeAsync();
        _director = await RunningDirector.StartAsync(_folder.Journal, _engine);
        Assert.Equal([Mark("-p tcp -j MARK --set-mark 8")], _engine.Marks);
    }

    [Fact]
    public async Task Commands_of_a_batch_see_each_other()
    {
        CommandBatchResult answer = await _director.ExecuteAsync(
            new AddMarks([Mark("-p tcp -j MARK --set-mark 8")]),
            new AddService(Service("fwmark 8")),
            new AddMarks([Mark("-p tcp -j MARK --set-mark 8")]),
            new DeleteMark(2),
            new SetSettings(new() { ["drop_entry"] = 1 }),
            new SetSettings(new() { ["drop_entry"] = 4 }),
            new SetSettings(new() { ["no_such"] = 1 }),
            new SetTimeouts(new Timeouts(0, 0, 60)),
            new SetTimeouts(new Timeouts(60, 0, 0)));
        Assert.Equal(
            [CommandError.None, CommandError.None, CommandError.MarkExists, CommandError.None, CommandError.None, CommandError.OutOfRange, CommandError.NoSuchSetting, CommandError.None, CommandError.None],
            answer.Results.Select(result => result.Error));
        Assert.Equal([Configured], _engine.Marks);
        Assert.Equal((new Settings { DropEntry = 1 }, new Timeouts(60, 120, 60)), (_engine.Settings, _engine.Timeouts));
        Assert.Equal(answer.Revision, _engine.Revision);
    }

    [Fact]
    public async Task What_changes_nothing_does_not_trouble_the_engine()
    {
        int calls = _engine.Calls.Count;
        CommandBatchResult answer = await _director.ExecuteAsync(new ClearMarks(), new SetSettings(new() { ["pmtu_disc"] = 1 }), new DeleteMark(9));
        Assert.Equal([CommandError.None, CommandError.None, CommandError.NoSuchMark], answer.Results.Select(result => result.Error));
        Assert.Equal(calls, _engine.Calls.Count);
    }

    [Fact]
    public async Task A_change_of_services_leaves_marks_and_settings_alone()
    {
        int calls = _engine.Calls.Count;
        await _director.ExecuteAsync(new AddService(Service()));
        Assert.DoesNotContain(_engine.Calls.Skip(calls), call => call is "marks" or "settings");
    }

    [Fact]
    public async Task Settings_of_the_configuration_are_applied_where_they_changed()
    {
        await DeclareAsync(new Settings { DropEntry = 1, PmtuDisc = false });
        Assert.Equal(new Settings { DropEntry = 1, PmtuDisc = false }, _engine.Settings);

        await _director.ExecuteAsync(new SetSettings(new() { ["drop_entry"] = 2, ["sloppy_tcp"] = 1 }));
        await DeclareAsync(new Settings { DropEntry = 1, PmtuDisc = false });
        Assert.Equal(new Settings { DropEntry = 2, PmtuDisc = false, SloppyTcp = true }, _engine.Settings);

        await DeclareAsync(new Settings { DropEntry = 1, SecureTcp = 3 });
        Assert.Equal(new Settings { DropEntry = 2, SloppyTcp = true, SecureTcp = 3 }, _engine.Settings);
    }

    private async Task DeclareAsync(Settings settings) => await Akka.Actor.Futures.Ask<CommandBatchResult>(
        _director.Actors.Services, new Declare("", []) { Settings = settings }, TestContext.Current.CancellationToken);
}
