using System.Net;
using Director.Model;

namespace Director.Dataplane.Control;

/// <summary>
/// The forwarding engine as the control plane sees it: the socket client (<c>EngineClient</c>), or the core in memory in tests.
/// Each call completes when the packet thread has taken it: the next packet sees it. Failures are <see cref="EngineException"/>.
/// </summary>
public interface IForwardingEngine
{
    Task ConfigureAsync(EngineConfiguration configuration, CancellationToken cancellation);

    /// <summary>The revision that is live afterwards: <see cref="TableUpdate.Revision"/>, or the engine's own if a delta did not fit.</summary>
    Task<ulong> ApplyAsync(TableUpdate update, CancellationToken cancellation);

    /// <summary>
    /// Which of these addresses the host has configured or another host answers for (ARP probes, RFC 5227 section 2.1.1;
    /// duplicate address detection, RFC 4862 section 5.4). Takes about 100 ms, with IPv6 addresses a second.
    /// </summary>
    Task<AddressConflict[]> ProbeAsync(IPAddress[] addresses, CancellationToken cancellation);

    /// <summary>Become (true) or stop being (false) the owner: answer for the addresses and forward. A new engine owns nothing.</summary>
    Task OwnAsync(bool owner, CancellationToken cancellation);

    /// <summary>Before <see cref="OwnAsync"/>: from now on that makes the engine a candidate, and the election decides who owns.</summary>
    Task SetElectionAsync(ElectionConfiguration election, CancellationToken cancellation);

    /// <summary>Passes a frame of another director's engine on. Lost if there is no engine: frames are said again.</summary>
    void Hear(ReadOnlyMemory<byte> frame);

    /// <summary>Lost if there is no engine.</summary>
    void Hint(ElectionHint hint, ulong director);

    Task ZeroAsync(ServiceKey? service, CancellationToken cancellation);

    /// <summary>The timeouts in force afterwards; zeros in <paramref name="change"/> leave a value as it is.</summary>
    Task<Timeouts> SetTimeoutsAsync(Timeouts change, CancellationToken cancellation);

    /// <summary>Marks packets by these rules, in this order, instead of those before.</summary>
    Task SetMarksAsync(MarkRule[] rules, CancellationToken cancellation);

    Task SetSettingsAsync(Settings settings, CancellationToken cancellation);

    Task<TableStatistics> StatisticsAsync(CancellationToken cancellation);

    /// <summary>Every connection, in chunks; a moving picture, as with IPVS.</summary>
    IAsyncEnumerable<ConnectionEntry[]> ConnectionsAsync(CancellationToken cancellation);

    Task<EngineStatus> StatusAsync(CancellationToken cancellation);

    /// <summary>Release the addresses and end the engine process.</summary>
    Task StopAsync(CancellationToken cancellation);
}

/// <summary>The engine refused or is gone; the message says what to do.</summary>
public sealed class EngineException : Exception
{
    public EngineException()
    {
    }

    public EngineException(string message)
        : base(message)
    {
    }

    public EngineException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public EngineFault Fault { get; init; } = EngineFault.Failed;
}

/// <summary>
/// What kind of failure it was: whether trying again, or starting an engine, can help. Numbers travel over the control socket.
/// </summary>
public enum EngineFault : ushort
{
    /// <summary>The engine could not do what it was asked.</summary>
    Failed = 1,

    /// <summary>The engine wants nothing to do with this directord: another name, namespace, protocol, or it has one already.</summary>
    Refused = 2,

    /// <summary>The engine does not know the message.</summary>
    Unsupported = 3,

    /// <summary>Nobody listens at the socket path.</summary>
    NotListening = 16,

    /// <summary>Somebody listens but does not answer in time, or the connection broke.</summary>
    Unreachable = 17,
}
