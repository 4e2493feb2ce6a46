using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Netlink;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Keeps what the engine takes from the host's kernel: a cls_bpf filter with direct action at the interface's ingress hook
/// (clsact), under a preference of our own. Packet sockets see a frame before that hook, so the engine still gets it. It
/// outlives the process, so that the kernel does not forward or answer in the engine's absence; the next start replaces it.
/// </summary>
public sealed class IngressDrop : IDisposable
{
    /// <summary>By which <c>tc filter show dev X ingress</c> tells it from others' filters; theirs mostly come before.</summary>
    public const ushort Preference = 19542;

    private const uint Hook = 0xFFFF_FFF1; // TC_H_CLSACT
    private const uint HookHandle = 0xFFFF_0000;
    private const uint Ingress = 0xFFFF_FFF2; // TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)
    private const uint Egress = 0xFFFF_FFF3;
    private const uint FilterHandle = 1;
    private const uint DirectAction = 1; // TCA_BPF_FLAG_ACT_DIRECT
    private const uint AnyProtocol = 0x0300; // ETH_P_ALL in network order

    private readonly NetlinkSocket _netlink = new();
    private readonly byte[] _buffer = new byte[(64 << 10) + 1024];
    private readonly string _name;
    private readonly int _index;
    private bool _hookIsOurs;

    /// <exception cref="EngineException">No such interface.</exception>
    public IngressDrop(string interfaceName)
    {
        _name = interfaceName;
        _index = InterfaceFacts.Index(interfaceName);
    }

    /// <summary>Installs the program, or puts it in the place of the present one: each frame sees one or the other.</summary>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Install(ReadOnlySpan<BpfInstruction> program)
    {
        uint sequence = _netlink.NextSequence();
        var hook = new NetlinkWriter(_buffer, Rtnetlink.NewQueueingDiscipline,
            Rtnetlink.Acknowledge | Rtnetlink.Create | Rtnetlink.Exclusive, sequence);
        hook.Add(new TrafficMessage { Index = _index, Handle = HookHandle, Parent = Hook });
        hook.Attribute(Rtnetlink.TrafficKind, "clsact\0"u8);
        int errno = _netlink.Execute(hook.Message, sequence, out string words);
        if (errno != 0 && errno != EEXIST)
            throw Refused("the ingress hook (clsact)", errno, words);
        // One that was there is someone's clsact or ingress qdisc (its hook is the same), unless a life of ours that was killed left it.
        _hookIsOurs |= errno == 0 || HasFilters(Ingress, (uint)Preference << 16);

        sequence = _netlink.NextSequence();
        var filter = new NetlinkWriter(_buffer, Rtnetlink.NewFilter, Rtnetlink.Acknowledge | Rtnetlink.Create, sequence);
        filter.Add(Filter(FilterHandle));
        filter.Attribute(Rtnetlink.TrafficKind, "bpf\0"u8);
        int options = filter.Nest(Rtnetlink.TrafficOptions);
        filter.Attribute(Rtnetlink.BpfOperationsLength, (ushort)program.Length);
        filter.Attribute(Rtnetlink.BpfOperations, MemoryMarshal.AsBytes(program));
        filter.Attribute(Rtnetlink.BpfFlags, DirectAction);
        filter.End(options);
        errno = _netlink.Execute(filter.Message, sequence, out words);
        if (errno != 0)
            throw Refused("the ingress filter (cls_bpf)", errno, words);
    }

    /// <summary>Takes the filter away, whoever put it there, and the hook if this object made it and nobody else uses it.</summary>
    public void Remove()
    {
        uint sequence = _netlink.NextSequence();
        var filter = new NetlinkWriter(_buffer, Rtnetlink.DeleteFilter, Rtnetlink.Acknowledge, sequence);
        filter.Add(Filter(handle: 0)); // all of our preference
        int errno = _netlink.Execute(filter.Message, sequence, out string words);
        // ENOENT: no such filter. EINVAL: no such hook. ENODEV: no such interface any more.
        if (errno != 0 && errno != ENOENT && errno != EINVAL && errno != ENODEV)
            throw Refused("to remove the ingress filter", errno, words);
        if (!_hookIsOurs || HasFilters(Ingress) || HasFilters(Egress))
            return;
        sequence = _netlink.NextSequence();
        var hook = new NetlinkWriter(_buffer, Rtnetlink.DeleteQueueingDiscipline, Rtnetlink.Acknowledge, sequence);
        hook.Add(new TrafficMessage { Index = _index, Handle = HookHandle, Parent = Hook });
        _ = _netlink.Execute(hook.Message, sequence, out _); // an empty hook that stays does nothing
        _hookIsOurs = false;
    }

    /// <summary>Leaves the filter where it is.</summary>
    public void Dispose() => _netlink.Dispose();

    private bool HasFilters(uint parent, uint preference = 0)
    {
        bool any = false;
        try
        {
            _netlink.Dump(Rtnetlink.GetFilter, new TrafficMessage { Index = _index, Parent = parent, Info = preference }, () => { }, (_, _) => any = true);
        }
        catch (EngineException)
        {
            any = true; // not known: leave the hook
        }
        return any;
    }

    private TrafficMessage Filter(uint handle) => new()
    {
        Index = _index,
        Handle = handle,
        Parent = Ingress,
        Info = (uint)Preference << 16 | AnyProtocol,
    };

    private EngineException Refused(string what, int errno, string words)
    {
        EngineException error = SystemError.Exception($"interface {_name} refuses {what}{(words.Length > 0 ? $" ({words})" : "")}", errno);
        return errno == ENOENT || errno == EOPNOTSUPP
            ? new EngineException($"{error.Message}; the kernel needs CONFIG_NET_CLS_BPF and CONFIG_NET_SCH_INGRESS (modprobe cls_bpf sch_ingress)")
            : error;
    }
}
