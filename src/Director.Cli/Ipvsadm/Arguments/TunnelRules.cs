using Director.Model;
using static Director.Cli.Ipvsadm.Arguments.IpvsadmOption;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>Which <c>--tun-</c> options go with which kind of tunnel; the checksum options exclude each other.</summary>
internal static class TunnelRules
{
    private static readonly IpvsadmOption[] Checksums = [TunnelNoChecksum, TunnelChecksum, TunnelRemoteChecksum];

    public static TunnelType ParseType(string value) => value switch
    {
        "ipip" => Model.TunnelType.IpIp,
        "gue" => Model.TunnelType.Gue,
        "gre" => Model.TunnelType.Gre,
        _ => throw new UsageException("illegal tunnel type specified"),
    };

    public static void Check(OptionSet given, ForwardingMethod forwarding, TunnelType type)
    {
        if (!given.HasAny(CommandRules.Tunnelling))
            return;
        if (forwarding != ForwardingMethod.Tunnel)
            throw new UsageException("Tunnel options conflict with forward method");

        string name = IpvsadmNotation.NameOf(type);
        OptionSet allowed = type switch
        {
            Model.TunnelType.Gue => CommandRules.Tunnelling,
            Model.TunnelType.Gre => OptionSet.Of(TunnelNoChecksum, TunnelChecksum),
            _ => default,
        };
        if (type == Model.TunnelType.Gue && !given.Has(TunnelPort))
            throw new UsageException($"You need to supply the 'tun-port' option for the '{name}' tunnel type");
        IpvsadmOption? earlier = null;
        foreach (IpvsadmOption option in (ReadOnlySpan<IpvsadmOption>)[TunnelPort, .. Checksums])
        {
            if (!given.Has(option))
                continue;
            if (!allowed.Has(option))
                throw new UsageException($"Illegal '{OptionTable.NameOf(option)}' option with the '{name}' tunnel type");
            if (earlier is { } other)
                throw new UsageException($"The option '{OptionTable.NameOf(option)}' conflicts with the '{OptionTable.NameOf(other)}' option in the '{name}' tunnel type");
            earlier = option == TunnelPort ? null : option;
        }
    }
}
