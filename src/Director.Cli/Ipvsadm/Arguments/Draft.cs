using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>The values of a command line while it is read; <see cref="Complete"/> examines how they fit together.</summary>
internal sealed class Draft
{
    public OptionSet Given { get; set; }

    /// <summary>For a firewall mark TCP, by which port names are looked up.</summary>
    public TransportProtocol Protocol { get; set; }

    public AddressFamily Family { get; set; } = AddressFamily.InterNetwork;

    public HostAndPort Virtual { get; set; }

    public uint Mark { get; set; }

    public string Scheduler { get; set; } = "wlc";

    public string? PersistenceEngine { get; set; }

    public ServiceFlags Flags { get; set; }

    public uint PersistenceTimeout { get; set; }

    public IPAddress? Netmask { get; set; }

    public byte PrefixLength { get; set; } = 128;

    public HostAndPort Real { get; set; }

    public ForwardingMethod Forwarding { get; set; } = ForwardingMethod.DirectRoute;

    public int Weight { get; set; } = 1;

    public uint UpperThreshold { get; set; }

    public uint LowerThreshold { get; set; }

    public TunnelType TunnelType { get; set; }

    public ushort TunnelPort { get; set; }

    public ClientAddress ClientAddress { get; set; }

    public Timeouts? Timeouts { get; set; }

    public SyncDaemon Daemon { get; set; } = new(SyncRole.Master, "");

    public IpvsadmInvocation Complete(IpvsadmCommand command)
    {
        IpvsadmInvocation invocation = new(command, Given)
        {
            Timeouts = Timeouts,
            Service = !Given.Has(IpvsadmOption.ServiceAddress) ? null
                : Mark != 0 ? ServiceKey.ForMark(Mark, Family)
                : ServiceKey.ForAddress(Protocol, Virtual.Address, Virtual.Port),
        };
        return command switch
        {
            IpvsadmCommand.AddService or IpvsadmCommand.EditService => invocation with { Definition = Define(invocation.Service!) },
            IpvsadmCommand.AddServer or IpvsadmCommand.EditServer => invocation with { Server = DefineServer() },
            IpvsadmCommand.DeleteServer => invocation with { Server = new RealServer { Address = Real.Address, Port = Real.Port } },
            IpvsadmCommand.StartDaemon or IpvsadmCommand.StopDaemon => invocation with { Daemon = Daemon },
            _ => invocation,
        };
    }

    private VirtualService Define(ServiceKey key)
    {
        ServiceFlags flags = Flags;
        if (Given.Has(IpvsadmOption.Persistent))
            flags |= ServiceFlags.Persistent;
        else if (!key.IsFirewallMark && key.Port == 0)
            throw new UsageException("Zero port specified for non-persistent service");
        if (Given.Has(IpvsadmOption.OnePacket))
        {
            if (!key.IsFirewallMark && key.Protocol != TransportProtocol.Udp)
                throw new UsageException("One-Packet Scheduling is only for UDP virtual services");
            flags |= ServiceFlags.OnePacket;
        }
        return new VirtualService
        {
            Key = key,
            Scheduler = Scheduler,
            Flags = flags,
            PersistenceTimeout = PersistenceTimeout,
            PersistenceNetmask = key.Family == AddressFamily.InterNetwork && !IPAddress.Broadcast.Equals(Netmask) ? Netmask : null,
            PrefixLength = key.Family == AddressFamily.InterNetworkV6 ? PrefixLength : (byte)128,
            PersistenceEngine = PersistenceEngine is "" ? null : PersistenceEngine,
        };
    }

    private RealServer DefineServer()
    {
        if (Real.Address.AddressFamily != Family && Forwarding != ForwardingMethod.Tunnel)
            throw new UsageException("Different address family is allowed only for tunneling servers");
        TunnelRules.Check(Given, Forwarding, TunnelType);
        CheckClientAddress();
        // Packets that are not rewritten keep their port: direct routing and tunnels are silently set to the service's.
        bool keepsPort = Mark != 0 || Forwarding is ForwardingMethod.Masquerade or ForwardingMethod.FullNat;
        return new RealServer
        {
            Address = Real.Address,
            Port = keepsPort ? Real.Port : Virtual.Port,
            Forwarding = Forwarding,
            Weight = Weight,
            UpperThreshold = UpperThreshold,
            LowerThreshold = LowerThreshold,
            TunnelType = TunnelType,
            TunnelPort = TunnelPort,
            TunnelFlags = (Given.Has(IpvsadmOption.TunnelChecksum) ? TunnelFlags.Checksum : TunnelFlags.None)
                | (Given.Has(IpvsadmOption.TunnelRemoteChecksum) ? TunnelFlags.RemoteChecksum : TunnelFlags.None),
            ClientAddress = ClientAddress,
        };
    }

    private void CheckClientAddress()
    {
        if (ClientAddress == ClientAddress.None)
            return;
        string name = ClientAddress == ClientAddress.Toa ? "toa" : "proxy-protocol";
        if (Forwarding != ForwardingMethod.FullNat)
            throw new UsageException($"The '{name}' option needs the 'fullnat' forwarding method");
        if (Protocol != TransportProtocol.Tcp)
            throw new UsageException($"The '{name}' option is only for TCP virtual services");
    }
}
