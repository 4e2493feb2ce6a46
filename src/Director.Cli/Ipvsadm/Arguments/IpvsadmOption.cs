namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>
/// Options by the name that ipvsadm's errors give them (several spellings may share one: -g, -i and -m are one
/// <c>forwarding-method</c>). The order is the one in which ipvsadm looks for missing and illegal options.
/// </summary>
internal enum IpvsadmOption
{
    Numeric,
    Connection,
    ServiceAddress,
    Scheduler,
    Persistent,
    Netmask,
    RealServer,
    Forwarding,
    Weight,
    UpperThreshold,
    LowerThreshold,
    McastInterface,
    Timeouts,
    Daemon,
    Stats,
    Rate,
    Thresholds,
    PersistentConnections,
    NoSort,
    SyncId,
    Exact,
    OnePacket,
    PersistenceEngine,
    SchedulerFlags,
    McastGroup,
    McastPort,
    McastTtl,
    SyncMaxLength,
    TunnelInfo,
    TunnelType,
    TunnelPort,
    TunnelNoChecksum,
    TunnelChecksum,
    TunnelRemoteChecksum,
    ClientAddress,
    Count,
}

/// <summary>Which options were given (or may be).</summary>
internal readonly record struct OptionSet(ulong Bits)
{
    public static OptionSet Of(params ReadOnlySpan<IpvsadmOption> options)
    {
        ulong bits = 0;
        foreach (IpvsadmOption option in options)
            bits |= 1UL << (int)option;
        return new OptionSet(bits);
    }

    public bool Has(IpvsadmOption option) => (Bits & (1UL << (int)option)) != 0;

    public bool HasAny(OptionSet options) => (Bits & options.Bits) != 0;

    public static OptionSet operator |(OptionSet left, OptionSet right) => new(left.Bits | right.Bits);

    public static OptionSet operator |(OptionSet left, IpvsadmOption right) => left | Of(right);
}
