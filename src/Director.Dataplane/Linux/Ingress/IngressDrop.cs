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

    private readonly NetlinkSocket _netlink = new();
    private readonly TrafficFilter _filter;
    private readonly string _name;
    private readonly int _index;
    private bool _hookIsOurs;

    /// <exception cref="EngineException">No such interface.</exception>
    public IngressDrop(string interfaceName)
    {
        _name = interfaceName;
        _index = InterfaceFacts.Index(interfaceName);
        _filter = new TrafficFilter(_netlink, interfaceName, _index, TrafficFilter.Ingress);
    }

    /// <summary>Installs the program, or puts it in the place of the present one: each frame sees one or the other.</summary>
    /// <exception cref="EngineException">The kernel refuses; what to do.</exception>
    public void Install(ReadOnlySpan<BpfInstruction> program)
    {
        uint sequence = _netlink.NextSequence();
        var hook = new NetlinkWriter(new byte[128], Rtnetlink.NewQueueingDiscipline,
            Rtnetlink.Acknowledge | Rtnetlink.Create | Rtnetlink.Exclusive, sequence);
        hook.Add(new TrafficMessage { Index = _index, Handle = HookHandle, Parent = Hook });
        hook.Attribute(Rtnetlink.TrafficKind, "clsact\0"u8);
        int errno = _netlink.Execute(hook.Message, sequence, out string words);
        if (errno != 0 && errno != EEXIST)
            throw TrafficFilter.Refused(_name, "the ingress hook (clsact)", errno, words);
        // One that was there is someone's clsact or ingress qdisc (its hook is the same), unless a life of ours that was killed left it.
        _hookIsOurs |= errno == 0 || HasFilters(TrafficFilter.Ingress, (uint)Preference << 16);
        _filter.Decide(program);
    }

    /// <summary>Takes the filter away, whoever put it there, and the hook if this object made it and nobody else uses it.</summary>
    public void Remove()
    {
        _filter.Remove();
        if (!_hookIsOurs || HasFilters(TrafficFilter.Ingress) || HasFilters(TrafficFilter.Egress))
            return;
        uint sequence = _netlink.NextSequence();
        var hook = new NetlinkWriter(new byte[128], Rtnetlink.DeleteQueueingDiscipline, Rtnetlink.Acknowledge, sequence);
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
}
