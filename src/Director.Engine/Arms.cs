using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Engine;

/// <summary>
/// The interfaces as opened: packet sockets with the virtual MAC, and the rules at each that keep engine and host apart. While there
/// are real servers that are the host itself, the way to it is one more interface, the last.
/// </summary>
internal sealed class Arms : IDisposable
{
    private readonly byte _group;
    private readonly PacketInterface[] _arms;
    private readonly EngineInterface[] _names;
    private readonly ulong[] _kernelDrops;
    private readonly BpfInstruction[][] _filters;
    private readonly IngressDrop[] _hostDrops;
    private readonly FastIngress?[] _fast;
    private readonly string[] _ways;
    private HostWay? _host;
    private IpAddress[] _probed = [];

    private Arms(byte group, PacketInterface[] interfaces, EngineInterface[] names, FastIngress?[] fast, string[] ways)
    {
        _fast = fast;
        _ways = ways;
        _group = group;
        _arms = interfaces;
        _names = names;
        _kernelDrops = new ulong[interfaces.Length + 1];
        _filters = [.. interfaces.Select(_ => IngressRules.Nothing)];
        _hostDrops = [.. interfaces.Select(each => new IngressDrop(each.Name))];
        HostWay.RemoveLeftover(group, interfaces);
    }

    public PacketInterface[] Interfaces => _host is null ? _arms : [.. _arms, _host.Interface];

    public EngineInterface[] Names => _host is null ? _names : [.. _names, _host.Name];

    public bool HasHostWay => _host is not null;

    /// <summary>Real servers that are the host itself, which take the way into it.</summary>
    public static MasqueradeServer[] OnHost(ForwardingCore core, NetworkView network) => core.IsOwner
        ? [.. Translated(core).Where(server => network.IsHostAddress(server.Address) && !server.Address.IsLoopback)]
        : [];

    /// <param name="configuration">Names the interfaces.</param>
    /// <param name="fastPath">Gives an interface its fast path, or the reason why it has none.</param>
    /// <exception cref="EngineException">One of them cannot be opened; none stays open.</exception>
    public static Arms Open(EngineConfiguration configuration, Func<string, int, (FastIngress? Ingress, string Way)> fastPath)
    {
        List<PacketInterface> opened = [];
        List<EngineInterface> names = [];
        List<FastIngress?> fast = [];
        List<string> ways = [];
        try
        {
            for (int position = 0; position < configuration.Interfaces.Length; position++)
            {
                (FastIngress? ingress, string way) = fastPath(configuration.Interfaces[position], position);
                fast.Add(ingress);
                ways.Add(way);
                PacketInterface each = PacketInterface.Open(
                    configuration.Interfaces[position], ingress is null ? IngressRules.Nothing : IngressRules.Everything, door: ingress?.Door);
                opened.Add(each);
                MacAddress answer = configuration.VirtualMac ? MacAddress.Virtual((byte)position, configuration.Group) : each.Mac;
                if (configuration.VirtualMac)
                    each.AddUnicast(answer);
                names.Add(new EngineInterface(position, each.Name, each.Index, each.Mac, answer));
            }
            return new Arms(configuration.Group, [.. opened], [.. names], [.. fast], [.. ways]);
        }
        catch
        {
            opened.ForEach(each => each.Dispose());
            fast.ForEach(each => each?.Dispose());
            throw;
        }
    }

    /// <summary>Puts the rules in force that these addresses and servers ask for, where they changed.</summary>
    public void Follow(ForwardingCore core, NetworkView network)
    {
        IpAddress[] owned = [.. core.Owned.All.Select(address => address.Address).Order()];
        MasqueradeServer[] masqueraded = [.. Masqueraded(core)];
        bool tunnels = core.Services.Services.Any(service => service.Servers.ToArray().Any(server => server.Forwarding == ForwardingMethod.Tunnel));
        for (int i = 0; i < _arms.Length; i++)
        {
            IngressPlan plan = new()
            {
                VirtualMac = _names[i].HasVirtualMac,
                EngineMac = _names[i].AnswerMac,
                InterfaceMac = _names[i].OwnMac,
                Owned = owned,
                HostAddresses = [.. network.HostAddresses, .. network.HostBroadcasts],
                MasqueradeServers = masqueraded,
                GatewayHere = core.Owned.IsGateway(_names[i]),
                HasTunnels = tunnels,
            };
            _arms[i].SetMulticast(MulticastGroups.Of(
                (from address in core.Owned.All where address.Home == _names[i] select address.Address).Concat(_probed)));
            IngressPrograms programs = IngressRules.Programs(plan);
            if (_filters[i].AsSpan().SequenceEqual(programs.SocketFilter))
                continue;
            // The host stops seeing it before the engine starts to: for a moment nobody answers, never both.
            _hostDrops[i].Install(programs.HostDrop);
            if (_fast[i] is { } fast)
                fast.Follow(programs, _names[i].AnswerMac, _names[i].OwnMac, answersFirst: !core.Owned.HasVirtual(_names[i]));
            else
                _arms[i].SetFilter(programs.SocketFilter);
            _filters[i] = programs.SocketFilter;
        }
    }

    /// <summary>Lets in what is said to all who have, or are about to take, these addresses, which are probed for; none: no longer.</summary>
    public void Listen(IpAddress[] probed)
    {
        _probed = probed;
        MacAddress[] groups = MulticastGroups.Of(probed);
        foreach (PacketInterface each in _arms)
            Array.ForEach(groups, each.AddMulticast);
    }

    /// <summary>Diverts the answers of these servers, see <see cref="OnHost"/>, into the way into the host, if it is open.</summary>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public void FollowHost(MasqueradeServer[] servers) => _host?.Follow(servers);

    /// <summary>Opens or closes the way into the host; <see cref="Interfaces"/> and <see cref="Names"/> change.</summary>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public void UseHostWay(bool wanted)
    {
        if (wanted)
        {
            _host ??= HostWay.Open(_group, _arms);
            return;
        }
        _host?.Close();
        _host = null;
    }

    public void RemoveIngress()
    {
        UseHostWay(false);
        foreach (IngressDrop each in _hostDrops)
            each.Remove();
    }

    public InterfaceStatus[] Status(ulong[] received, ulong[] sent)
    {
        (PacketInterface[] interfaces, EngineInterface[] names) = (Interfaces, Names);
        InterfaceStatus[] status = new InterfaceStatus[interfaces.Length];
        for (int i = 0; i < status.Length; i++)
        {
            PacketInterface each = interfaces[i];
            _kernelDrops[i] += each.TakeKernelDrops();
            status[i] = new InterfaceStatus(
                each.Name, each.HasCarrier, names[i].AnswerMac.ToString(), each.Mtu, i < _ways.Length ? _ways[i] : HostWay.FastPath, received[i], sent[i], _kernelDrops[i]);
        }
        return status;
    }

    public void Dispose()
    {
        _host?.Dispose();
        foreach (FastIngress? each in _fast)
            each?.Dispose();
        foreach (PacketInterface each in _arms)
            each.Dispose();
        foreach (IngressDrop each in _hostDrops)
            each.Dispose();
    }

    private static IEnumerable<MasqueradeServer> Translated(ForwardingCore core) =>
        from service in core.Services.Services
        from server in service.Servers.ToArray()
        where server.Forwarding is ForwardingMethod.Masquerade or ForwardingMethod.FullNat
        orderby server.Address, server.Port
        select new MasqueradeServer(server.Address, server.Port, (byte)service.Configuration.Key.Protocol);

    private static IEnumerable<MasqueradeServer> Masqueraded(ForwardingCore core) =>
        from service in core.Services.Services
        from server in service.Servers.ToArray()
        where server.Forwarding == ForwardingMethod.Masquerade
        orderby server.Address, server.Port
        select new MasqueradeServer(server.Address, server.Port, (byte)service.Configuration.Key.Protocol);
}
