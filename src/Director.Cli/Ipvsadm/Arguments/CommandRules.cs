using static Director.Cli.Ipvsadm.Arguments.IpvsadmOption;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>Which options each command needs and allows, and the words for those that do not fit.</summary>
internal static class CommandRules
{
    private static readonly OptionSet Service = OptionSet.Of(ServiceAddress);
    private static readonly OptionSet ServiceAndServer = OptionSet.Of(ServiceAddress, RealServer);
    private static readonly OptionSet Scheduling = OptionSet.Of(Scheduler, Persistent, Netmask, OnePacket, PersistenceEngine, SchedulerFlags);
    private static readonly OptionSet ServerOptions = OptionSet.Of(Forwarding, Weight, UpperThreshold, LowerThreshold, ClientAddress) | Tunnelling;
    private static readonly OptionSet Listing = OptionSet.Of(
        Numeric, Connection, ServiceAddress, Timeouts, Daemon, Stats, Rate, Thresholds, PersistentConnections, NoSort, SyncId, Exact, TunnelInfo);
    private static readonly OptionSet Synchronization = OptionSet.Of(McastInterface, SyncId, SyncMaxLength, McastGroup, McastPort, McastTtl);

    public static OptionSet Tunnelling => OptionSet.Of(TunnelType, TunnelPort, TunnelNoChecksum, TunnelChecksum, TunnelRemoteChecksum);

    public static void Check(IpvsadmCommand command, OptionSet given)
    {
        if (command == IpvsadmCommand.List)
            CheckConflict(given, ServiceAddress, Connection);
        (string name, OptionSet required, OptionSet allowed) = Of(command);
        for (IpvsadmOption option = 0; option < Count; option++)
        {
            if (required.Has(option) && !given.Has(option))
                throw new UsageException($"You need to supply the '{OptionTable.NameOf(option)}' option for the '{name}' command");
            if (given.Has(option) && !required.Has(option) && !allowed.Has(option))
                throw new UsageException($"Illegal '{OptionTable.NameOf(option)}' option with the '{name}' command");
        }
        if (command == IpvsadmCommand.List)
            CheckListing(given);
    }

    private static (string Name, OptionSet Required, OptionSet Allowed) Of(IpvsadmCommand command) => command switch
    {
        IpvsadmCommand.AddService => ("add-service", Service, Scheduling),
        IpvsadmCommand.EditService => ("edit-service", Service, Scheduling),
        IpvsadmCommand.DeleteService => ("delete-service", Service, default),
        IpvsadmCommand.Clear => ("flush", default, default),
        IpvsadmCommand.Restore => ("restore", default, default),
        IpvsadmCommand.Save => ("save", default, OptionSet.Of(Numeric)),
        IpvsadmCommand.AddServer => ("add-server", ServiceAndServer, ServerOptions),
        IpvsadmCommand.EditServer => ("edit-server", ServiceAndServer, ServerOptions),
        IpvsadmCommand.DeleteServer => ("delete-server", ServiceAndServer, default),
        IpvsadmCommand.List => ("list", default, Listing),
        IpvsadmCommand.Zero => ("zero", default, Service),
        IpvsadmCommand.Set => ("set", default, default),
        IpvsadmCommand.StartDaemon => ("start-daemon", default, Synchronization),
        IpvsadmCommand.StopDaemon => ("stop-daemon", default, OptionSet.Of(SyncId)),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    /// <summary><c>-c</c>, <c>--timeout</c> and <c>--daemon</c> list other things than services and exclude each other.</summary>
    private static void CheckListing(OptionSet given)
    {
        CheckConflict(given, Timeouts, Connection);
        CheckConflict(given, Timeouts, ServiceAddress);
        CheckConflict(given, Daemon, Connection);
        CheckConflict(given, Daemon, ServiceAddress);
        CheckConflict(given, Daemon, Timeouts);
        if ((given.Has(Connection) && given.HasAny(OptionSet.Of(Stats, Rate, Thresholds)))
            || (given.HasAny(OptionSet.Of(Timeouts, Daemon)) && given.HasAny(OptionSet.Of(Stats, Rate, Thresholds, PersistentConnections))))
        {
            throw new UsageException("options conflicts in the list command");
        }
    }

    private static void CheckConflict(OptionSet given, IpvsadmOption one, IpvsadmOption other)
    {
        if (given.Has(one) && given.Has(other))
            throw new UsageException($"The option '{OptionTable.NameOf(one)}' conflicts with the '{OptionTable.NameOf(other)}' option in the 'list' command");
    }
}
