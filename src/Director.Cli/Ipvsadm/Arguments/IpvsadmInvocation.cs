using Director.Model;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>A command line that makes sense, in the model's terms.</summary>
internal sealed record IpvsadmInvocation(IpvsadmCommand Command, OptionSet Given)
{
    /// <summary>The service that the command names; null if none.</summary>
    public ServiceKey? Service { get; init; }

    /// <summary>What <c>-A</c> or <c>-E</c> makes of it.</summary>
    public VirtualService? Definition { get; init; }

    /// <summary>What <c>-a</c> or <c>-e</c> makes of the server; of <c>-d</c> only address and port count.</summary>
    public RealServer? Server { get; init; }

    /// <summary>The values of <c>--set</c>.</summary>
    public Timeouts? Timeouts { get; init; }

    /// <summary>What <c>--start-daemon</c> or <c>--stop-daemon</c> is about; of the latter only the role counts.</summary>
    public SyncDaemon? Daemon { get; init; }

    public bool Numeric => Given.Has(IpvsadmOption.Numeric);

    /// <summary>The change that it asks for; null for a command that changes nothing at the director.</summary>
    public DirectorCommand? ToChange() => Command switch
    {
        IpvsadmCommand.AddService => new AddService(Definition!),
        IpvsadmCommand.EditService => new EditService(Definition!),
        IpvsadmCommand.DeleteService => new DeleteService(Service!),
        IpvsadmCommand.Clear => new Clear(),
        IpvsadmCommand.AddServer => new AddServer(Service!, Server!),
        IpvsadmCommand.EditServer => new EditServer(Service!, Server!),
        IpvsadmCommand.DeleteServer => new DeleteServer(Service!, Server!.Address, Server.Port),
        IpvsadmCommand.Zero => new Zero(Service),
        IpvsadmCommand.Set => new SetTimeouts(Timeouts!),
        IpvsadmCommand.StartDaemon => new StartDaemon(Daemon!),
        IpvsadmCommand.StopDaemon => new StopDaemon(Daemon!.Role),
        _ => null,
    };
}
