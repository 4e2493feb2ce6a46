namespace Director.Model;

/// <summary>Why a command was refused. Each has the words that ipvsadm 1.31 prints for it (see the CLI).</summary>
public enum CommandError
{
    None = 0,
    ServiceExists,
    NoSuchService,
    ServerExists,
    NoSuchServer,
    /// <summary>A server command named a service that is not there (ipvsadm: <c>Service not defined</c>).</summary>
    ServiceNotDefined,
    /// <summary>ipvsadm: <c>Scheduler or persistence engine not found</c>.</summary>
    UnknownScheduler,
    /// <summary>ipvsadm: <c>Numerical result out of range</c> (lower threshold above the upper one).</summary>
    OutOfRange,
    /// <summary>ipvsadm: <c>Invalid operation.  Possibly wrong module version, address not unicast, ...</c>.</summary>
    InvalidOperation,
    /// <summary>Makes sense, but not on this director; the detail says why.</summary>
    NotSupported,
    /// <summary>The journal or the engine could not take it; nothing was changed.</summary>
    Unavailable,
    /// <summary>The VIP is configured on this host or answered by another one; the detail says what to do.</summary>
    AddressInUse,
    /// <summary>The mark rule is there already.</summary>
    MarkExists,
    NoSuchMark,
    /// <summary>No setting of this name can be set; the detail says why.</summary>
    NoSuchSetting,
    /// <summary>It needs something that the director's configuration lacks; the detail says what.</summary>
    NotConfigured,
    /// <summary>ipvsadm: <c>Daemon has already run</c>.</summary>
    DaemonRuns,
    /// <summary>ipvsadm: <c>No daemon is running</c>.</summary>
    NoDaemon,
    /// <summary>The host has no interface of this name (ipvsadm: <c>No such device</c>).</summary>
    NoSuchDevice,
}

/// <summary>The answer to one command of a batch; <paramref name="Detail"/> is for people.</summary>
public sealed record CommandResult(CommandError Error = CommandError.None, string? Detail = null)
{
    public static readonly CommandResult Done = new();

    public bool Succeeded => Error == CommandError.None;
}

/// <summary>Body of <c>POST /api/v1/commands</c>.</summary>
public sealed record CommandBatch(DirectorCommand[] Commands);

/// <summary>Answer to a batch: one result a command, in order, and the table revision that holds them and is live.</summary>
public sealed record CommandBatchResult(CommandResult[] Results, ulong Revision);
