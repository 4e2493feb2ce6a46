using Director.Dataplane.Control;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// One of the engine's interfaces: what arrives and passes the filter comes in through a ring, what goes out is sent from where
/// it lies. Packet sockets with virtio-net headers: offloaded frames pass whole in both directions. One thread uses it.
/// <code>
///   TryReceive* -> rewrite in place -> Queue (of any interface) -> Flush -> ReleaseAll
/// </code>
/// Everything it changed on the interface (extra MAC addresses, promiscuous mode) ends with its sockets, so with the process.
/// </summary>
public sealed unsafe class PacketInterface : IDisposable
{
    /// <summary>Bytes of the virtio-net header before each frame.</summary>
    public const int OffloadLength = 10;

    /// <summary>34 MiB. Holds what comes at 0.3 million frames a second while the thread is kept from running for 1.7 ms.</summary>
    private const int DefaultSlots = 510;

    private readonly ReceiveRing _ring;
    private readonly TransmitQueue _queue;
    private readonly HashSet<MacAddress> _groups = [];

    private PacketInterface(string name, int index, int slots, ReadOnlySpan<BpfInstruction> filter, Door? door)
    {
        Name = name;
        Index = index;
        _ring = new ReceiveRing(door?.Index ?? index, name, slots, filter);
        try
        {
            Mac = InterfaceFacts.Mac(_ring.Descriptor, name);
            Driver = InterfaceFacts.Driver(_ring.Descriptor, name);
            if (!IsUp)
                throw new EngineException($"interface {name} is down; bring it up: ip link set {name} up");
            _queue = new TransmitQueue(index, name);
        }
        catch
        {
            _ring.Dispose();
            throw;
        }
    }

    /// <param name="name">As in <c>director.interfaces</c>.</param>
    /// <param name="filter">Of <see cref="IngressRules"/>; in force before the first frame.</param>
    /// <param name="slots">Frames that may wait: 68 KiB each, rounded up to a multiple of 15.</param>
    /// <param name="door">Where what arrives is received, with a fast path; null: at the interface itself.</param>
    /// <exception cref="EngineException">Missing, down, no Ethernet, or no privilege: what to do.</exception>
    public static PacketInterface Open(string name, ReadOnlySpan<BpfInstruction> filter, int slots = DefaultSlots, Door? door = null)
    {
        int index = InterfaceFacts.Index(name);
        Capabilities.Require();
        return new PacketInterface(name, index, slots, filter, door);
    }

    public string Name { get; }

    public int Index { get; }

    /// <summary>The interface's own, when it was opened.</summary>
    public MacAddress Mac { get; }

    /// <summary>As ethtool -i says.</summary>
    public string Driver { get; }

    public int Mtu => InterfaceFacts.Mtu(_ring.Descriptor, Name);

    public bool IsUp => (InterfaceFacts.Flags(_ring.Descriptor, Name) & Native.InterfaceUp) != 0;

    public bool HasCarrier => InterfaceFacts.HasCarrier(_ring.Descriptor, Name);

    /// <summary>Readable while frames wait; for <see cref="PacketPoll"/>.</summary>
    public int Descriptor => _ring.Descriptor;

    public bool HasFrames => _ring.HasFrames;

    /// <summary>Frames received and not released.</summary>
    public int Pending => _ring.Held;

    /// <summary>Frames received that were larger than a slot, and skipped.</summary>
    public long Oversized => _ring.Oversized;

    /// <summary>Frames that the kernel dropped since the last call because the ring was full.</summary>
    public uint TakeKernelDrops() => _ring.TakeDrops();

    public TransmitFailures TransmitFailures => _queue.Failures;

    /// <summary>The next frame; false: none waits, or every slot is held.</summary>
    public bool TryReceive(out ReceivedFrame frame) => _ring.TryReceive(out frame);

    /// <summary>Hands the slots of all frames received so far back to the kernel: after the flush of every interface they went to.</summary>
    public void ReleaseAll() => _ring.ReleaseAll();

    /// <summary>Replaces the filter; each frame sees the old or the new one.</summary>
    public void SetFilter(ReadOnlySpan<BpfInstruction> filter) => _ring.SetFilter(filter);

    /// <inheritdoc cref="TransmitQueue.Queue"/>
    public void Queue(Span<byte> offloadAndFrame) => _queue.Queue(offloadAndFrame);

    /// <inheritdoc cref="TransmitQueue.Reserve"/>
    public Span<byte> ReserveTransmit(int length) => _queue.Reserve(length);

    /// <inheritdoc cref="TransmitQueue.Flush"/>
    public int Flush() => _queue.Queued == 0 ? 0 : _queue.Flush();

    /// <inheritdoc cref="TransmitQueue.Discard"/>
    public void Discard() => _queue.Discard();

    /// <summary>
    /// Takes frames to another MAC than the interface's own. The host's kernel sees them as somebody else's: it neither answers
    /// nor forwards them.
    /// </summary>
    public void AddUnicast(MacAddress mac)
    {
        if (Driver is "macvlan" or "ipvlan")
        {
            throw new EngineException(
                $"interface {Name} is a {Driver} device, which is handed frames to its own MAC address only: set election.virtual-mac = off");
        }
        SystemError.Check(Membership(PACKET_ADD_MEMBERSHIP, PACKET_MR_UNICAST, mac),
            $"interface {Name} does not take {mac} as an extra address (virtual-mac = off does without)");
    }

    /// <summary>
    /// Takes frames to a group, e.g. to the solicited-node group of an IPv6 address: the hardware lets in only what somebody on the
    /// host listens to. Nothing is said on the wire; the reports that a switch with MLD snooping wants are the caller's.
    /// </summary>
    public void AddMulticast(MacAddress group)
    {
        if (_groups.Contains(group))
            return;
        SystemError.Check(Membership(PACKET_ADD_MEMBERSHIP, PACKET_MR_MULTICAST, group),
            $"interface {Name} does not listen to the group {group}");
        _groups.Add(group);
    }

    /// <summary>Takes frames to these groups, and no more to any other that was added before.</summary>
    public void SetMulticast(IReadOnlyCollection<MacAddress> groups)
    {
        foreach (MacAddress gone in _groups.Except(groups).ToArray())
        {
            _groups.Remove(gone);
            _ = Membership(PACKET_DROP_MEMBERSHIP, PACKET_MR_MULTICAST, gone); // fails only with the interface gone
        }
        foreach (MacAddress group in groups)
            AddMulticast(group);
    }

    /// <summary>Gives what is sent from now on a mark, by which filters on its way out know it.</summary>
    public void MarkSent(uint mark) => _queue.Mark(mark);

    /// <summary>
    /// Takes the error that the kernel leaves at the socket when the interface goes down; until then poll reports it again and
    /// again. The socket works on when the interface comes up.
    /// </summary>
    public void TakeError()
    {
        int error;
        socklen_t length = sizeof(int);
        _ = getsockopt(_ring.Descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
    }

    public void Dispose()
    {
        _queue.Dispose();
        _ring.Dispose();
    }

    // A bridge device ignores the list of extra addresses (br_dev_set_rx_mode does nothing), and with a querier about it keeps
    // groups that nobody reported from its own host; promiscuous, it is handed all, and the filter keeps what is ours.
    private int Membership(int change, int type, MacAddress mac)
    {
        var request = new packet_mreq
        {
            mr_ifindex = Index,
            mr_type = (ushort)(Driver == "bridge" ? PACKET_MR_PROMISC : type),
            mr_alen = MacAddress.Length,
        };
        mac.Write(new Span<byte>(request.mr_address, MacAddress.Length));
        return setsockopt(_ring.Descriptor, SOL_PACKET, change, &request, sizeof(packet_mreq));
    }

    internal static void Bind(int descriptor, int interfaceIndex, ushort protocol, string name)
    {
        var address = new sockaddr_ll
        {
            sll_family = (ushort)AF_PACKET,
            sll_protocol = htons(protocol),
            sll_ifindex = interfaceIndex,
        };
        if (bind(descriptor, (sockaddr*)&address, sizeof(sockaddr_ll)) < 0)
            throw SystemError.Exception($"interface {name}: cannot bind a packet socket to it");
    }
}
