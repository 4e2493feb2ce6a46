using Director.Actors.Services;
using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Tests.Golden;

/// <summary>The API in front of the actors' own rules, without actors, journal and engine.</summary>
internal sealed class DirectorInMemory : IDirectorApi
{
    // The machine of the recordings had a dummy interface for the sync daemons.
    private readonly DirectorState _state = new(Capabilities.Recorded with { InterfaceMtu = name => name == "dm0" ? 1500 : null });

    /// <summary>How many commands each transaction had.</summary>
    public List<int> Batches { get; } = [];

    public Task<CommandBatchResult> ExecuteAsync(CommandBatch batch)
    {
        Batches.Add(batch.Commands.Length);
        return Task.FromResult(_state.Execute(batch));
    }

    public Task<ServicesListing> GetServicesAsync() => Task.FromResult(_state.List());

    public IAsyncEnumerable<ConnectionEntry> GetConnectionsAsync() => new FixedDirector().GetConnectionsAsync();

    public Task<Timeouts> GetTimeoutsAsync() => Task.FromResult(_state.Timeouts);

    public Task<SyncDaemon[]> GetDaemonsAsync() => Task.FromResult<SyncDaemon[]>([.. _state.Table.Daemons.All]);

    public Task<DirectorStatus> GetStatusAsync() => throw new NotSupportedException("ipvsadm does not ask for it");
}
