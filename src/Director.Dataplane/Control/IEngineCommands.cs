using System.Net;
using Director.Model;

namespace Director.Dataplane.Control;

/// <summary>
/// What the control socket asks of the packet worker. The control thread calls it; each call runs on the packet thread
/// between two batches and returns when it is in force.
/// </summary>
public interface IEngineCommands
{
    /// <exception cref="EngineException">An interface is missing, a privilege, ...: what is wrong and what to do.</exception>
    void Configure(EngineConfiguration configuration);

    /// <summary>Revision of the live table; 0 before the first.</summary>
    ulong Revision { get; }

    ulong Apply(TableUpdate update);

    /// <summary>Starts probing; <see cref="EndProbe"/> is called some 100 ms, with IPv6 a second, later with the same addresses.</summary>
    void BeginProbe(IPAddress[] addresses);

    AddressConflict[] EndProbe(IPAddress[] addresses);

    void Own(bool owner);

    /// <summary>Become one of several candidates.</summary>
    /// <exception cref="EngineException">The key, the epoch file, the interface: what is wrong with it.</exception>
    void SetElection(ElectionConfiguration election);

    /// <summary>A frame of another director's engine, as it came over the cluster link.</summary>
    void Hear(ReadOnlySpan<byte> frame);

    void Hint(ElectionHint hint, ulong director);

    void Zero(ServiceKey? service);

    Timeouts SetTimeouts(Timeouts change);

    void SetMarks(MarkRule[] rules);

    void SetSettings(Settings settings);

    TableStatistics Statistics();

    /// <summary>Up to <paramref name="entries"/>.Length connections from <paramref name="cursor"/> on; sets it to 0 at the end. Reads shared memory: does not disturb the packet thread.</summary>
    int Connections(ref uint cursor, Span<ConnectionEntry> entries);

    EngineStatus Status();

    /// <summary>Release the addresses, undo what was changed on the interfaces.</summary>
    void Shutdown();
}
