using Director.Model;

namespace Director.Cli.Transport;

/// <summary>The management API of a director, as far as the command line needs it.</summary>
/// <remarks>Every member may throw <see cref="DirectorUnreachableException"/>.</remarks>
internal interface IDirectorApi
{
    Task<CommandBatchResult> ExecuteAsync(CommandBatch batch);

    Task<ServicesListing> GetServicesAsync();

    IAsyncEnumerable<ConnectionEntry> GetConnectionsAsync();

    Task<Timeouts> GetTimeoutsAsync();

    Task<SyncDaemon[]> GetDaemonsAsync();

    Task<DirectorStatus> GetStatusAsync();
}
