using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// A director without actors, journal and engine: commands in, the kernel's answers out. For whoever needs only the answers,
/// e.g. the tests of the CLI, which put it behind the management API:
/// <code>
/// var director = new DirectorState();                    // Capabilities.Recorded: answers as IPVS 6.1 with every option
/// CommandBatchResult answer = director.Execute(batch);   // POST /api/v1/commands
/// ServicesListing listing = director.List();             // GET  /api/v1/services
/// Timeouts timeouts = director.Timeouts;                 // GET  /api/v1/timeouts
/// </code>
/// Not safe for several threads at once.
/// </summary>
public sealed class DirectorState(Capabilities? capabilities = null)
{
    /// <summary>What <c>ipvsadm -L</c> shows as size: IP_VS_TAB_BITS = 12.</summary>
    public const uint ConnectionTableSize = 4096;

    private readonly Capabilities _capabilities = capabilities ?? Capabilities.Recorded;

    public ServiceTable Table { get; private set; } = ServiceTable.Empty;

    public ulong Revision { get; private set; }

    public Timeouts Timeouts => Table.Timeouts;

    public CommandResult Execute(DirectorCommand command)
    {
        Decision decision = Table.Decide(command, _capabilities);
        foreach (DirectorEvent happened in decision.Events)
        {
            Table = Table.Apply(happened);
            Revision++;
        }
        return decision.Result;
    }

    public CommandBatchResult Execute(CommandBatch batch) => new([.. batch.Commands.Select(Execute)], Revision);

    /// <summary>Every service, nothing observed: all counters are zero.</summary>
    public ServicesListing List() => new(
        [.. Table.Services.Select(service => new ServiceListing(service, new Statistics(), [.. service.Servers.Select(Unseen)]))],
        ConnectionTableSize);

    private static ServerStatus Unseen(RealServer server) => new(server.Address, server.Port, 0, 0, 0, new Statistics());
}
