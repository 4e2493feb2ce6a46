using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Tests.Golden;

/// <summary>An API that answers with what it was given, or not at all.</summary>
internal sealed class FixedDirector : IDirectorApi
{
    public ServicesListing Services { get; init; } = new([], 4096);

    public IReadOnlyList<ConnectionEntry> Connections { get; init; } = [];

    public CommandResult Answer { get; init; } = CommandResult.Done;

    public DirectorUnreachableException? Unreachable { get; init; }

    public Task<CommandBatchResult> ExecuteAsync(CommandBatch batch) =>
        Reach(() => new CommandBatchResult([.. batch.Commands.Select(_ => Answer)], 1));

    public Task<ServicesListing> GetServicesAsync() => Reach(() => Services);

    public async IAsyncEnumerable<ConnectionEntry> GetConnectionsAsync()
    {
        foreach (ConnectionEntry entry in await Reach(() => Connections))
            yield return entry;
    }

    public Task<Timeouts> GetTimeoutsAsync() => Reach(() => new Timeouts());

    public Task<SyncDaemon[]> GetDaemonsAsync() => Reach<SyncDaemon[]>(() => []);

    public Task<DirectorStatus> GetStatusAsync() => throw new NotSupportedException("ipvsadm does not ask for it");

    private Task<T> Reach<T>(Func<T> answer) => Unreachable is null ? Task.FromResult(answer()) : Task.FromException<T>(Unreachable);
}
