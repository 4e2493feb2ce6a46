using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>Our filter at one of the two hooks that an interface has (clsact): cls_bpf, under a preference of our own.</summary>
internal sealed class TrafficFilter(NetlinkSocket netlink, string interfaceName, int interfaceIndex, uint hook)
{
    public const uint Ingress = 0xFFFF_FFF2; // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
    public const uint Egress = 0xFFFF_FFF3;

    private const uint OurHandle = 1;
    private const uint DirectAction = 1; // TCA_BPF_FLAG_ACT_DIRECT
    private const uint AnyProtocol = 0x0300; // ETH_P_ALL in network order
    private const ushort FirstAction = 1;
    private const int Stolen = 4; // TC_ACT_STOLEN
    private const int Redirect = 1; // TCA_EGRESS_REDIR

    private readonly byte[] _buffer = new byte[(64 << 10) + 1024];

    /// <summary>The program's verdict is what becomes of the frame. It takes the place of the present one: each frame sees one or the other.</summary>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Decide(ReadOnlySpan<BpfInstruction> program) => Install(program, to: null);

    /// <summary>What the program matches leaves by the interface with the index <paramref name="to"/> instead (act_mirred).</summary>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Divert(ReadOnlySpan<BpfInstruction> program, int to)
    {
        Remove(); // a change would leave the action that was there beside the new one
        Install(program, to);
    }

    /// <summary>Takes the filter away, whoever put it there.</summary>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public void Remove()
    {
        uint sequence = netlink.NextSequence();
        var request = new NetlinkWriter(_buffer, Rtnetlink.DeleteFilter, Rtnetlink.Acknowledge, sequence);
        request.Add(Header(handle: 0)); // all of our preference
        int errno = netlink.Execute(request.Message, sequence, out string words);
        // No such filter, no such hook, no such interface any more.
        if (errno != 0 && errno != ENOENT && errno != EINVAL && errno != ENODEV)
            throw Refused(interfaceName, "to remove a filter", errno, words);
    }

    internal static EngineException Refused(string interfaceName, string what, int errno, string words)
    {
        EngineException error = SystemError.Exception($"interface {interfaceName} refuses {what}{(words.Length > 0 ? $" ({words})" : "")}", errno);
        return errno == ENOENT || errno == EOPNOTSUPP
            ? new EngineException(
                $"{error.Message}; the kernel needs CONFIG_NET_CLS_BPF, CONFIG_NET_SCH_INGRESS and, for real servers on this host, "
                + "CONFIG_NET_ACT_MIRRED (modprobe cls_bpf sch_ingress act_mirred)")
            : error;
    }

    private void Install(ReadOnlySpan<BpfInstruction> program, int? to)
    {
        uint sequence = netlink.NextSequence();
        var request = new NetlinkWriter(_buffer, Rtnetlink.NewFilter, Rtnetlink.Acknowledge | Rtnetlink.Create, sequence);
        request.Add(Header(OurHandle));
        request.Attribute(Rtnetlink.TrafficKind, "bpf\0"u8);
        int options = request.Nest(Rtnetlink.TrafficOptions);
        request.Attribute(Rtnetlink.BpfOperationsLength, (ushort)program.Length);
        request.Attribute(Rtnetlink.BpfOperations, MemoryMarshal.AsBytes(program));
        if (to is { } target)
            AddRedirection(ref request, target);
        else
            request.Attribute(Rtnetlink.BpfFlags, DirectAction);
        request.End(options);
        int errno = netlink.Execute(request.Message, sequence, out string words);
        if (errno != 0)
            throw Refused(interfaceName, to is null ? "the ingress filter (cls_bpf)" : "the filter for answers of real servers on this host (cls_bpf, act_mirred)", errno, words);
    }

    private static void AddRedirection(ref NetlinkWriter request, int to)
    {
        int actions = request.Nest(Rtnetlink.BpfActions);
        int action = request.Nest(FirstAction);
        request.Attribute(Rtnetlink.ActionKind, "mirred\0"u8);
        int parameters = request.Nest(Rtnetlink.ActionOptions);
        MirrorAction mirror = new() { Verdict = Stolen, Kind = Redirect, InterfaceIndex = to };
        request.Attribute(Rtnetlink.MirrorParameters, MemoryMarshal.AsBytes(new ReadOnlySpan<MirrorAction>(in mirror)));
        request.End(parameters);
        request.End(action);
        request.End(actions);
    }

    private TrafficMessage Header(uint handle) => new()
    {
        Index = interfaceIndex,
        Handle = handle,
        Parent = hook,
        Info = (uint)IngressDrop.Preference << 16 | AnyProtocol,
    };
}
