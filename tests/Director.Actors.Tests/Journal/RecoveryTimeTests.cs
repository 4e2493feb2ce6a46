using Director.Actors.Tests.Forwarding;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Journal;

/// <summary>Run alone, since what is measured is this process's own time: the machine may be busy with other things.</summary>
[Collection(nameof(Alone))]
public sealed class RecoveryTimeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ten_thousand_services_are_one_transaction_and_are_back_within_five_seconds()
    {
        DirectorCommand[] commands = [.. Enumerable.Range(0, 10_000).Select(i => new AddService(
            Service($"tcp 10.{i / 62500}.{i / 250 % 250}.{i % 250}:80") with { Servers = [Server("10.250.0.11:80"), Server("10.250.0.12:80")] }))];
        FakeEngine engine = new();
        await using (RunningDirector first = await RunningDirector.StartAsync(_folder.Journal, engine))
        {
            CommandBatchResult answer = await first.ExecuteAsync(commands);
            Assert.All(answer.Results, result => Assert.True(result.Succeeded));
            Assert.Equal(2, engine.Updates.Count);
        }

        TimeSpan before = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();
        await using RunningDirector second = await RunningDirector.StartAsync(_folder.Journal, new FakeEngine());
        TimeSpan took = Environment.CpuUsage.TotalTime - before;

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"recovery took {TimeProvider.System.GetElapsedTime(start).TotalMilliseconds:f0} ms, {took.TotalMilliseconds:f0} ms of processor time");
        Assert.Equal(10_000, second.Live.Current.Table.Count);
        Assert.True(took < TimeSpan.FromSeconds(5), $"recovery took {took} of processor time");
    }
}

[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
