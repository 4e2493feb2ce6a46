using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Brings what real servers on this host answer to the engine, which translates it: a cls_bpf filter at the interface's egress
/// hook with a redirection (act_mirred) to the host's end of <see cref="HostLink"/>. The hook itself is <see cref="IngressDrop"/>'s,
/// and there before. A killed engine leaves the filter; the next start removes or replaces it.
/// </summary>
public sealed class AnswerDiversion(string interfaceName) : IDisposable
{
    private const uint Egress = 0xFFFF_FFF3; // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)
    private const uint AnyProtocol = 0x0300; // ETH_P_ALL in network order
    private const uint FilterHandle = 1;
    private const ushort FirstAction = 1;
    private const int Stolen = 4; // TC_ACT_STOLEN
    private const int Redirect = 1; // TCA_EGRESS_REDIR

    private readonly NetlinkSocket _netlink = new();
    private readonly byte[] _buffer = new byte[(64 << 10) + 1024];
    private readonly int _index = InterfaceFacts.Index(interfaceName);

    /// <summary>What <paramref name="program"/> matches leaves by the interface with the index <paramref name="to"/> instead.</summary>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Install(ReadOnlySpan<BpfInstruction> program, int to)
    {
        // A change of the program alone would add a second action.
        Remove();
        uint sequence = _netlink.NextSequence();
        var filter = new NetlinkWriter(_buffer, Rtnetlink.NewFilter, Rtnetlink.Acknowledge | Rtnetlink.Create, sequence);
        filter.Add(Filter(FilterHandle));
        filter.Attribute(Rtnetlink.TrafficKind, "bpf\0"u8);
        int options = filter.Nest(Rtnetlink.TrafficOptions);
        filter.Attribute(Rtnetlink.BpfOperationsLength, (ushort)program.Length);
        filter.Attribute(Rtnetlink.BpfOperations, MemoryMarshal.AsBytes(program));
        int actions = filter.Nest(Rtnetlink.BpfActions);
        int action = filter.Nest(FirstAction);
        filter.Attribute(Rtnetlink.ActionKind, "mirred\0"u8);
        int parameters = filter.Nest(Rtnetlink.ActionOptions);
        MirrorAction mirror = new() { Verdict = Stolen, Kind = Redirect, InterfaceIndex = to };
        filter.Attribute(Rtnetlink.MirrorParameters, MemoryMarshal.AsBytes(new ReadOnlySpan<MirrorAction>(in mirror)));
        filter.End(parameters);
        filter.End(action);
        filter.End(actions);
        filter.End(options);
        int errno = _netlink.Execute(filter.Message, sequence, out string words);
        if (errno != 0)
            throw Refused("the filter for answers of real servers on this host (cls_bpf, act_mirred)", errno, words);
    }

    /// <summary>Takes the filter away, whoever put it there.</summary>
    public void Remove()
    {
        uint sequence = _netlink.NextSequence();
        var filter = new NetlinkWriter(_buffer, Rtnetlink.DeleteFilter, Rtnetlink.Acknowledge, sequence);
        filter.Add(Filter(handle: 0)); // all of our preference
        int errno = _netlink.Execute(filter.Message, sequence, out string words);
        // No such filter, no such hook, no such interface any more.
        if (errno != 0 && errno != ENOENT && errno != EINVAL && errno != ENODEV)
            throw Refused("to remove the filter for answers", errno, words);
    }

    /// <summary>Leaves the filter where it is.</summary>
    public void Dispose() => _netlink.Dispose();

    private TrafficMessage Filter(uint handle) => new()
    {
        Index = _index,
        Handle = handle,
        Parent = Egress,
        Info = (uint)IngressDrop.Preference << 16 | AnyProtocol,
    };

    private EngineException Refused(string what, int errno, string words)
    {
        EngineException error = SystemError.Exception($"interface {interfaceName} refuses {what}{(words.Length > 0 ? $" ({words})" : "")}", errno);
        return errno == ENOENT || errno == EOPNOTSUPP
            ? new EngineException($"{error.Message}; the kernel needs CONFIG_NET_CLS_BPF and CONFIG_NET_ACT_MIRRED (modprobe cls_bpf act_mirred)")
            : error;
    }
}
