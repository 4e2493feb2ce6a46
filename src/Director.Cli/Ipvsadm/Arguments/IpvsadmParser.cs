using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Director.Cli.Ipvsadm.Names;
using Director.Model;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>
/// From words to an <see cref="IpvsadmInvocation"/>. The first option is the command; values are examined as they come, so the
/// first wrong one is reported; missing, illegal and conflicting options are looked for at the end.
/// </summary>
internal sealed class IpvsadmParser(string program, INameResolver names)
{
    /// <summary>ipvsadm 1.31's, for <c>-p</c> without a value.</summary>
    private const uint DefaultPersistence = 360;

    /// <summary>31 days.</summary>
    private const uint LongestTimeout = 31 * 24 * 60 * 60;

    /// <summary>IP_VS_SCHEDNAME_MAXLEN, IP_VS_PENAME_MAXLEN and IP_VS_IFNAME_MAXLEN without the final zero: longer names are cut.</summary>
    private const int LongestName = 15;

    /// <exception cref="UsageException">What ipvsadm would say, and its exit code.</exception>
    public IpvsadmInvocation Parse(IReadOnlyList<string> words, bool inRestore = false)
    {
        Popt popt = new(words);
        (IpvsadmCommand command, string? commandValue) = TakeCommand(popt, inRestore);
        // ipvsadm answers these two as soon as it sees them, whatever follows.
        if (command is IpvsadmCommand.Help or IpvsadmCommand.Version)
            return new IpvsadmInvocation(command, default);
        if (command is IpvsadmCommand.StartDaemon or IpvsadmCommand.StopDaemon && commandValue is not ("master" or "backup"))
            throw new UsageException(command == IpvsadmCommand.StartDaemon ? "illegal start-daemon parameter specified" : "illegal start_daemon specified");

        Draft draft = new();
        if (commandValue == "backup")
            draft.Daemon = draft.Daemon with { Role = SyncRole.Backup };
        string schedulerFlags = "";
        while (popt.TryNext(out OptionSpecification? option, out string? value))
        {
            if (option.Action == OptionAction.Command)
                throw new UsageException($"invalid option `{popt.Word}'");
            Take(draft, option, value);
            if (option.Option == IpvsadmOption.SchedulerFlags)
                schedulerFlags = value ?? "";
        }
        int taken = command == IpvsadmCommand.Set ? TakeTimeouts(draft, popt.Leftovers) : 0;
        if (popt.Leftovers.Count > taken)
            throw new UsageException($"unexpected argument {popt.Leftovers[taken]}");
        // Only now is the scheduler known, whose names they are.
        draft.Flags = SchedulerFlagNames.Parse(schedulerFlags, draft.Scheduler);
        CommandRules.Check(command, draft.Given);
        return draft.Complete(command);
    }

    private (IpvsadmCommand Command, string? Value) TakeCommand(Popt popt, bool inRestore)
    {
        OptionSpecification? option = null;
        string? value = null;
        try
        {
            popt.TryNext(out option, out value);
        }
        catch (UsageException)
        {
            // Before the command even popt's errors end in the hint.
            option = null;
        }
        return option is { Action: OptionAction.Command } && !(inRestore && option.Command == IpvsadmCommand.Restore)
            ? (option.Command, value)
            : throw UsageException.TryHelp(program);
    }

    private void Take(Draft draft, OptionSpecification option, string? value)
    {
        if (option.Action == OptionAction.Ignore)
            return;
        if (option.Action == OptionAction.Ipv6)
        {
            if (draft.Mark == 0)
                throw new UsageException("-6 used before -f\n");
            draft.Family = AddressFamily.InterNetworkV6;
            return;
        }
        if (draft.Given.Has(option.Option))
            throw new UsageException($"multiple '{OptionTable.NameOf(option.Option)}' options specified");
        draft.Given |= option.Option;
        switch (option.Action)
        {
            case OptionAction.TcpService or OptionAction.UdpService or OptionAction.SctpService:
                draft.Protocol = option.Action switch
                {
                    OptionAction.TcpService => TransportProtocol.Tcp,
                    OptionAction.UdpService => TransportProtocol.Udp,
                    _ => TransportProtocol.Sctp,
                };
                draft.Virtual = HostAndPort.Parse(value!, draft.Protocol, names)
                    ?? throw new UsageException("illegal virtual server address[:port] specified");
                draft.Family = draft.Virtual.Address.AddressFamily;
                break;
            case OptionAction.FirewallMark:
                draft.Mark = (uint)Numbers.Parse(value!, 1, uint.MaxValue, $"invalid fwmark value `{value}' specified");
                draft.Protocol = TransportProtocol.Tcp;
                break;
            case OptionAction.Masquerade:
                draft.Forwarding = ForwardingMethod.Masquerade;
                break;
            case OptionAction.IpIp:
                draft.Forwarding = ForwardingMethod.Tunnel;
                break;
            case OptionAction.FullNat:
                draft.Forwarding = ForwardingMethod.FullNat;
                break;
            case OptionAction.ProxyProtocol:
                draft.ClientAddress = ClientAddress.ProxyProtocol;
                break;
            case OptionAction.Toa:
                draft.ClientAddress = ClientAddress.Toa;
                break;
            case OptionAction.Note:
                TakeValue(draft, option.Option, value ?? "");
                break;
        }
        if (option.Option == IpvsadmOption.Persistent)
        {
            draft.PersistenceTimeout = value is null
                ? DefaultPersistence
                : (uint)Numbers.Parse(value, 1, LongestTimeout, $"invalid timeout value `{value}' specified");
        }
    }

    private void TakeValue(Draft draft, IpvsadmOption option, string value)
    {
        switch (option)
        {
            case IpvsadmOption.Scheduler when value.Length > 0:
                draft.Scheduler = Cut(value);
                break;
            case IpvsadmOption.PersistenceEngine:
                draft.PersistenceEngine = Cut(value);
                break;
            case IpvsadmOption.Netmask:
                TakeNetmask(draft, value);
                break;
            case IpvsadmOption.RealServer:
                HostAndPort real = HostAndPort.Parse(value, draft.Protocol, names)
                    ?? throw new UsageException("illegal real server address[:port] specified");
                // Without a port it has the service's, if the service was named before it.
                draft.Real = real.Port != 0 ? real : real with { Port = draft.Virtual.Port };
                break;
            case IpvsadmOption.Weight:
                draft.Weight = (int)Numbers.Parse(value, 0, int.MaxValue, "illegal weight specified");
                break;
            case IpvsadmOption.UpperThreshold:
                draft.UpperThreshold = (uint)Numbers.Parse(value, 0, int.MaxValue, "illegal u_threshold specified");
                break;
            case IpvsadmOption.LowerThreshold:
                draft.LowerThreshold = (uint)Numbers.Parse(value, 0, int.MaxValue, "illegal l_threshold specified");
                break;
            case IpvsadmOption.TunnelType:
                draft.TunnelType = TunnelRules.ParseType(value);
                break;
            case IpvsadmOption.TunnelPort:
                draft.TunnelPort = (ushort)Numbers.Parse(value, 1, ushort.MaxValue, "illegal tunnel port specified");
                break;
            case IpvsadmOption.SyncId:
                draft.Daemon = draft.Daemon with { SyncId = (byte)Numbers.Parse(value, 0, 255, "illegal syncid specified") };
                break;
            case IpvsadmOption.SyncMaxLength:
                draft.Daemon = draft.Daemon with { MaxLength = (ushort)Numbers.Parse(value, 1, 65535 - 20 - 8, "illegal sync-maxlen specified") };
                break;
            case IpvsadmOption.McastPort:
                draft.Daemon = draft.Daemon with { Port = (ushort)Numbers.Parse(value, 1, ushort.MaxValue, "illegal mcast-port specified") };
                break;
            case IpvsadmOption.McastTtl:
                draft.Daemon = draft.Daemon with { Ttl = (byte)Numbers.Parse(value, 1, 255, "illegal mcast-ttl specified") };
                break;
            case IpvsadmOption.McastGroup:
                draft.Daemon = draft.Daemon with { Group = ParseGroup(value) };
                break;
            case IpvsadmOption.McastInterface:
                draft.Daemon = draft.Daemon with { Interface = Cut(value) };
                break;
        }
    }

    /// <summary>A mask for IPv4 (of which 24 is 0.0.0.24), a prefix length once the service is known to be IPv6.</summary>
    private static void TakeNetmask(Draft draft, string value)
    {
        if (draft.Family == AddressFamily.InterNetworkV6)
        {
            int prefix = Numbers.Leading(value);
            draft.PrefixLength = prefix is >= 1 and <= 128 ? (byte)prefix : throw new UsageException("illegal ipv6 netmask specified");
            return;
        }
        if (!InetAddress.TryParse(value, out IPAddress? mask))
            throw new UsageException("illegal virtual server persistent mask specified");
        draft.Netmask = mask;
        // If an IPv6 service follows, the kernel takes the same 32 bits for a prefix length: mostly none that it accepts.
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(mask.GetAddressBytes());
        draft.PrefixLength = bits <= 128 ? (byte)bits : (byte)0;
    }

    private static IPAddress ParseGroup(string value)
    {
        if (value.Contains(':'))
        {
            return !value.Contains('%') && IPAddress.TryParse(value, out IPAddress? six) && six.IsIPv6Multicast
                ? six
                : throw new UsageException($"invalid IPv6 mcast-group `{value}'");
        }
        return InetAddress.TryParse(value, out IPAddress? four) && four.GetAddressBytes()[0] is >= 224 and <= 239
            ? four
            : throw new UsageException($"invalid IPv4 mcast-group `{value}'");
    }

    private static int TakeTimeouts(Draft draft, IReadOnlyList<string> values)
    {
        if (values.Count < 3)
            throw new UsageException("--set option requires 3 timeout values");
        uint[] seconds = [.. values.Take(3).Select(value =>
            (uint)Numbers.Parse(value, 0, LongestTimeout, $"invalid timeout value `{value}' specified"))];
        draft.Timeouts = new Timeouts(seconds[0], seconds[1], seconds[2]);
        return 3;
    }

    private static string Cut(string name) => name.Length > LongestName ? name[..LongestName] : name;
}
