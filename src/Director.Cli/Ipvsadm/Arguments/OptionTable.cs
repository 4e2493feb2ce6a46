namespace Director.Cli.Ipvsadm.Arguments;

internal enum OptionValue
{
    None,
    Required,
    /// <summary>The next word, if there is one and it does not begin with a dash.</summary>
    Optional,
}

/// <summary>What to do when an option was read.</summary>
internal enum OptionAction
{
    /// <summary>A command, <see cref="OptionSpecification.Command"/>.</summary>
    Command,
    /// <summary>Only note that it was given.</summary>
    Note,
    TcpService,
    UdpService,
    SctpService,
    FirewallMark,
    Ipv6,
    Gateway,
    IpIp,
    Masquerade,
    FullNat,
    ProxyProtocol,
    Toa,
    /// <summary>Accepted and ignored (<c>--sort</c>).</summary>
    Ignore,
}

internal sealed record OptionSpecification(string Long, char Short, OptionValue Value, OptionAction Action)
{
    public IpvsadmOption Option { get; init; }

    public IpvsadmCommand Command { get; init; }
}

/// <summary>Every option of ipvsadm 1.31 and its spellings, and <c>--fullnat</c> with what goes with it, which are ours.</summary>
internal static class OptionTable
{
    private static readonly OptionSpecification[] All =
    [
        Command("add-service", 'A', IpvsadmCommand.AddService),
        Command("edit-service", 'E', IpvsadmCommand.EditService),
        Command("delete-service", 'D', IpvsadmCommand.DeleteService),
        Command("clear", 'C', IpvsadmCommand.Clear),
        Command("restore", 'R', IpvsadmCommand.Restore),
        Command("save", 'S', IpvsadmCommand.Save),
        Command("add-server", 'a', IpvsadmCommand.AddServer),
        Command("edit-server", 'e', IpvsadmCommand.EditServer),
        Command("delete-server", 'd', IpvsadmCommand.DeleteServer),
        Command("list", 'L', IpvsadmCommand.List),
        Command("list", 'l', IpvsadmCommand.List),
        Command("zero", 'Z', IpvsadmCommand.Zero),
        Command("set", '\0', IpvsadmCommand.Set),
        Command("start-daemon", '\0', IpvsadmCommand.StartDaemon, OptionValue.Required),
        Command("stop-daemon", '\0', IpvsadmCommand.StopDaemon, OptionValue.Required),
        Command("help", 'h', IpvsadmCommand.Help),
        Command("version", 'v', IpvsadmCommand.Version),
        new("tcp-service", 't', OptionValue.Required, OptionAction.TcpService) { Option = IpvsadmOption.ServiceAddress },
        new("udp-service", 'u', OptionValue.Required, OptionAction.UdpService) { Option = IpvsadmOption.ServiceAddress },
        new("sctp-service", '\0', OptionValue.Required, OptionAction.SctpService) { Option = IpvsadmOption.ServiceAddress },
        new("fwmark-service", 'f', OptionValue.Required, OptionAction.FirewallMark) { Option = IpvsadmOption.ServiceAddress },
        new("ipv6", '6', OptionValue.None, OptionAction.Ipv6),
        new("gatewaying", 'g', OptionValue.None, OptionAction.Gateway) { Option = IpvsadmOption.Forwarding },
        new("ipip", 'i', OptionValue.None, OptionAction.IpIp) { Option = IpvsadmOption.Forwarding },
        new("masquerading", 'm', OptionValue.None, OptionAction.Masquerade) { Option = IpvsadmOption.Forwarding },
        new("fullnat", '\0', OptionValue.None, OptionAction.FullNat) { Option = IpvsadmOption.Forwarding },
        new("proxy-protocol", '\0', OptionValue.None, OptionAction.ProxyProtocol) { Option = IpvsadmOption.ClientAddress },
        new("toa", '\0', OptionValue.None, OptionAction.Toa) { Option = IpvsadmOption.ClientAddress },
        new("sort", '\0', OptionValue.None, OptionAction.Ignore),
        Valued("scheduler", 's', IpvsadmOption.Scheduler),
        new("persistent", 'p', OptionValue.Optional, OptionAction.Note) { Option = IpvsadmOption.Persistent },
        Valued("netmask", 'M', IpvsadmOption.Netmask),
        Valued("real-server", 'r', IpvsadmOption.RealServer),
        Valued("weight", 'w', IpvsadmOption.Weight),
        Valued("u-threshold", 'x', IpvsadmOption.UpperThreshold),
        Valued("l-threshold", 'y', IpvsadmOption.LowerThreshold),
        Valued("pe", '\0', IpvsadmOption.PersistenceEngine),
        Valued("sched-flags", 'b', IpvsadmOption.SchedulerFlags),
        Valued("mcast-interface", '\0', IpvsadmOption.McastInterface),
        Valued("mcast-group", '\0', IpvsadmOption.McastGroup),
        Valued("mcast-port", '\0', IpvsadmOption.McastPort),
        Valued("mcast-ttl", '\0', IpvsadmOption.McastTtl),
        Valued("syncid", '\0', IpvsadmOption.SyncId),
        Valued("sync-maxlen", '\0', IpvsadmOption.SyncMaxLength),
        Valued("tun-type", '\0', IpvsadmOption.TunnelType),
        Valued("tun-port", '\0', IpvsadmOption.TunnelPort),
        Flag("tun-nocsum", '\0', IpvsadmOption.TunnelNoChecksum),
        Flag("tun-csum", '\0', IpvsadmOption.TunnelChecksum),
        Flag("tun-remcsum", '\0', IpvsadmOption.TunnelRemoteChecksum),
        Flag("ops", 'o', IpvsadmOption.OnePacket),
        Flag("numeric", 'n', IpvsadmOption.Numeric),
        Flag("connection", 'c', IpvsadmOption.Connection),
        Flag("timeout", '\0', IpvsadmOption.Timeouts),
        Flag("daemon", '\0', IpvsadmOption.Daemon),
        Flag("stats", '\0', IpvsadmOption.Stats),
        Flag("rate", '\0', IpvsadmOption.Rate),
        Flag("thresholds", '\0', IpvsadmOption.Thresholds),
        Flag("persistent-conn", '\0', IpvsadmOption.PersistentConnections),
        Flag("tun-info", '\0', IpvsadmOption.TunnelInfo),
        Flag("nosort", '\0', IpvsadmOption.NoSort),
        Flag("exact", 'X', IpvsadmOption.Exact),
    ];

    public static OptionSpecification? Find(char name) => Array.Find(All, option => option.Short == name && name != '\0');

    public static OptionSpecification? Find(string name) => Array.Find(All, option => option.Long == name);

    /// <summary>The name of an option in ipvsadm's errors.</summary>
    public static string NameOf(IpvsadmOption option) => option switch
    {
        IpvsadmOption.ServiceAddress => "service-address",
        IpvsadmOption.Forwarding => "forwarding-method",
        IpvsadmOption.ClientAddress => "client-address",
        _ => Array.Find(All, specification => specification.Action == OptionAction.Note && specification.Option == option)!.Long,
    };

    private static OptionSpecification Command(string name, char letter, IpvsadmCommand command, OptionValue value = OptionValue.None) =>
        new(name, letter, value, OptionAction.Command) { Command = command };

    private static OptionSpecification Valued(string name, char letter, IpvsadmOption option) =>
        new(name, letter, OptionValue.Required, OptionAction.Note) { Option = option };

    private static OptionSpecification Flag(string name, char letter, IpvsadmOption option) =>
        new(name, letter, OptionValue.None, OptionAction.Note) { Option = option };
}
