using Director.Dataplane.Connections;
using Director.Dataplane.FastPath;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>What one interface's program is made for.</summary>
internal sealed record FastPathPlan
{
    public required ConnectionMemory Connections { get; init; }

    public required FastTables Tables { get; init; }

    /// <summary>The MACs that packets for the engine have.</summary>
    public required MacAddress EngineMac { get; init; }

    public required MacAddress InterfaceMac { get; init; }

    /// <summary>Real servers are on this side: their answers are looked for first.</summary>
    public bool AnswersFirst { get; init; }

    /// <summary>Where the engine receives what is its own; 0: the program passes all that on.</summary>
    public int Door { get; init; }

    /// <summary>Which of the other packets are the engine's, and which of those are not the host's as well.</summary>
    public IngressPrograms Rules { get; init; } = new([], []);
}
