using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Brings what real servers on this host answer to the engine, which translates it: a filter at the interface's egress hook that
/// redirects to the host's end of <see cref="HostLink"/>. The hook itself is <see cref="IngressDrop"/>'s, and there before. A killed
/// engine leaves the filter; the next start removes or replaces it.
/// </summary>
public sealed class AnswerDiversion : IDisposable
{
    private readonly NetlinkSocket _netlink = new();
    private readonly TrafficFilter _filter;

    /// <exception cref="EngineException">No such interface.</exception>
    public AnswerDiversion(string interfaceName) =>
        _filter = new TrafficFilter(_netlink, interfaceName, InterfaceFacts.Index(interfaceName), TrafficFilter.Egress);

    /// <param name="program">Of <see cref="IngressRules.HostAnswers"/>.</param>
    /// <param name="to">Index of the host's end.</param>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Install(ReadOnlySpan<BpfInstruction> program, int to) => _filter.Divert(program, to);

    /// <summary>Takes the filter away, whoever put it there.</summary>
    public void Remove() => _filter.Remove();

    /// <summary>Leaves the filter where it is.</summary>
    public void Dispose() => _netlink.Dispose();
}
