using System.Collections.Concurrent;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Sessions;
using Director.Dataplane.Tests.Control.Messages;
using Director.Model;

namespace Director.Dataplane.Tests.Control.Sessions;

/// <summary>The session over real sockets, with engines of this process that can die.</summary>
public sealed class EngineSessionTests : SocketFolder
{
    private static readonly EngineConfiguration Interfaces = new() { Interfaces = ["eth0"] };

    private readonly ConcurrentQueue<EngineInProcess> _engines = new();
    private readonly ConcurrentQueue<string> _log = new();

    [Fact]
    public async Task An_engine_is_started_when_there_is_none_and_kept_when_there_is()
    {
        await using (EngineSession first = Session())
        {
            await first.OpenAsync(Cancellation);
            await first.ApplyAsync(new TableUpdate(0, 7, true, [], []), Cancellation);
        }
        await using EngineSession second = Session();
        await second.OpenAsync(Cancellation);
        Assert.Equal(7ul, second.State.EngineRevision);
        using EngineInProcess only = Assert.Single(_engines);
    }

    [Fact]
    public async Task A_dead_engines_successor_has_its_memory_configuration_timeouts_table_and_ownership()
    {
        await using EngineSession session = Session();
        session.ResyncNeeded += () => session.ApplyAsync(new TableUpdate(0, 7, true, [], []), CancellationToken.None);
        await session.OpenAsync(Cancellation);
        await session.ConfigureAsync(Interfaces, Cancellation);
        await session.ApplyAsync(new TableUpdate(0, 7, true, [], []), Cancellation);
        await session.OwnAsync(true, Cancellation);
        await session.SetTimeoutsAsync(new Timeouts(60, 0, 0), Cancellation);
        await session.SetMarksAsync([Values.Rule("-d 10.1.0.100 -j MARK --set-mark 7")], Cancellation);
        await session.SetSettingsAsync(new Settings { DropEntry = 1 }, Cancellation);
        EngineInProcess first = _engines.Single();
        first.Core.MemoryText = "200 connections";

        first.Dispose();
        await Until(() => _engines.Count == 2 && session.State.Phase == SessionPhase.Attached);

        using EngineInProcess second = _engines.Last();
        Assert.Equal(["adopt 1", "configure eth0", "timeouts 60", "marks -d 10.1.0.100 -j MARK --set-mark 7", "settings drop_entry=1", "apply 0->7", "own True"], second.Core.Calls);
        Assert.Equal("200 connections", second.Core.MemoryText);
        Assert.Equal(7ul, (await session.StatusAsync(Cancellation)).Revision);
        Assert.Contains(_log, line => line.StartsWith("Error director-engine (pid ", StringComparison.Ordinal) && line.EndsWith("died: starting it again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_fail_while_there_is_no_engine()
    {
        TaskCompletionSource mayStart = new();
        int starts = 0;
        await using EngineSession session = Session(async () =>
        {
            if (Interlocked.Increment(ref starts) > 1)
                await mayStart.Task;
        });
        EngineException early = await Assert.ThrowsAsync<EngineException>(() => session.StatusAsync(Cancellation));
        Assert.Equal("the engine is restarting: try again in a moment", early.Message);
        await session.OpenAsync(Cancellation);
        _engines.Single().Dispose();
        await Until(() => session.State.Phase == SessionPhase.Starting);
        await Assert.ThrowsAsync<EngineException>(() => session.ApplyAsync(new TableUpdate(0, 1, true, [], []), Cancellation));
        mayStart.SetResult();
        await Until(() => session.State.Phase == SessionPhase.Attached);
        await session.StatusAsync(Cancellation);
        _engines.Last().Dispose();
    }

    [Fact]
    public async Task An_engine_that_cannot_be_started_fails_the_opening()
    {
        await using EngineSession session = Session(() => throw new EngineException("director-engine needs CAP_NET_RAW"));
        EngineException failure = await Assert.ThrowsAsync<EngineException>(() => session.OpenAsync(Cancellation));
        Assert.Equal("director-engine needs CAP_NET_RAW", failure.Message);
    }

    [Fact]
    public async Task Stopping_ends_the_engine_and_starts_no_other()
    {
        await using EngineSession session = Session();
        await session.OpenAsync(Cancellation);
        using EngineInProcess engine = _engines.Single();
        await session.StopAsync(Cancellation);
        Assert.True(engine.Ended(Patience));
        await Until(() => session.State.Phase == SessionPhase.Closed);
        Assert.Single(_engines);
    }

    [Fact]
    public async Task What_the_engine_logs_is_in_directords_log()
    {
        await using EngineSession session = Session();
        await session.OpenAsync(Cancellation);
        using EngineInProcess engine = _engines.Single();
        engine.Log.Warning("eth1 has no carrier");
        await Until(() => _log.Contains("Warning eth1 has no carrier"));
    }

    private EngineSession Session(Func<Task>? before = null)
    {
        EngineAccess access = new(
            cancellation => EngineClient.ConnectAsync(SocketPath, EngineIdentity.Current("a"), TimeProvider.System, cancellation),
            async _ =>
            {
                await (before?.Invoke() ?? Task.CompletedTask);
                _engines.Enqueue(new EngineInProcess(SocketPath));
            });
        return new EngineSession(access, TimeProvider.System, Told);
    }

    private void Told(EngineEvent occurred)
    {
        if (occurred is EngineLogLine line)
            _log.Enqueue($"{line.Level} {line.Text}");
    }

    private static async Task Until(Func<bool> condition) =>
        Assert.True(await Task.Run(() => SpinWait.SpinUntil(condition, Patience), Cancellation), "it did not come about");
}
