using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Director.Model;

/// <summary>
/// Options as ipvsadm's: what <c>ipvsadm -S</c> writes and <c>-R</c> reads. NOTE: ipvsadm 1.31 forgets thresholds in <c>-S</c>; ours
/// writes <c>-x</c> and <c>-y</c>, which 1.31 reads as well.
/// </summary>
public static class IpvsadmNotation
{
    /// <summary>The lines of <c>-S -n</c> for a service, servers in the service's own order.</summary>
    public static IEnumerable<string> Lines(VirtualService service)
    {
        string key = Options(service.Key);
        return [$"-A {key} {Options(service)}", .. service.Servers.Select(server => $"-a {key} -r {Endpoints.Format(server.Address, server.Port)} {Options(server)}")];
    }

    /// <summary><c>-t 10.0.0.1:80</c>, <c>-f 7 -6</c>, in numbers.</summary>
    public static string Options(ServiceKey key) => Options(key, key.IsFirewallMark ? "" : Endpoints.Format(key.Address, key.Port));

    /// <param name="key">A service.</param>
    /// <param name="endpoint">Its address and port, in numbers or by name; not used under a firewall mark.</param>
    public static string Options(ServiceKey key, string endpoint) => key.Protocol switch
    {
        TransportProtocol.Tcp => $"-t {endpoint}",
        TransportProtocol.Udp => $"-u {endpoint}",
        TransportProtocol.Sctp => $"--sctp-service {endpoint}",
        _ => $"-f {MarkOf(key)}{(key.Family == AddressFamily.InterNetworkV6 ? " -6" : "")}",
    };

    /// <summary>Signed: ipvsadm prints mark 4294967295 as -1.</summary>
    public static string MarkOf(ServiceKey key) => ((int)key.Mark).ToString(CultureInfo.InvariantCulture);

    /// <summary><c>-s wlc -p 360 -M 255.255.255.0 --pe sip -o -b flags</c>.</summary>
    public static string Options(VirtualService service)
    {
        StringBuilder text = new($"-s {service.Scheduler}");
        if (service.Flags.HasFlag(ServiceFlags.Persistent))
        {
            text.Append(CultureInfo.InvariantCulture, $" -p {service.PersistenceTimeout}");
            if (MaskOf(service) is { } mask)
                text.Append(CultureInfo.InvariantCulture, $" -M {mask}");
        }
        if (service.PersistenceEngine is { } engine)
            text.Append(CultureInfo.InvariantCulture, $" --pe {engine}");
        if (service.Flags.HasFlag(ServiceFlags.OnePacket))
            text.Append(" -o");
        if ((service.Flags & SchedulerFlag.Mask) != 0)
            text.Append(CultureInfo.InvariantCulture, $" -b {SchedulerFlag.Names(service.Flags, service.Scheduler)}");
        return text.ToString();
    }

    /// <summary>The persistence mask, only if it is not the whole address.</summary>
    public static string? MaskOf(VirtualService service) => service.Key.Family == AddressFamily.InterNetworkV6
        ? service.PrefixLength == 128 ? null : service.PrefixLength.ToString(CultureInfo.InvariantCulture)
        : service.PersistenceNetmask?.ToString();

    /// <summary><c>-m -w 1 -x 10 -y 5 --tun-type gue</c>.</summary>
    public static string Options(RealServer server)
    {
        string forwarding = server.Forwarding switch
        {
            ForwardingMethod.Masquerade => "-m",
            ForwardingMethod.Tunnel => "-i",
            ForwardingMethod.FullNat => "--fullnat",
            _ => "-g",
        };
        string client = server.ClientAddress switch
        {
            ClientAddress.ProxyProtocol => " --proxy-protocol",
            ClientAddress.Toa => " --toa",
            _ => "",
        };
        string upper = server.UpperThreshold != 0 ? string.Create(CultureInfo.InvariantCulture, $" -x {server.UpperThreshold}") : "";
        string lower = server.LowerThreshold != 0 ? string.Create(CultureInfo.InvariantCulture, $" -y {server.LowerThreshold}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{forwarding}{client} -w {server.Weight}{upper}{lower}{TunnelOf(server)}");
    }

    /// <summary><c>--start-daemon master --mcast-interface eth1 --syncid 7</c>.</summary>
    public static string Options(SyncDaemon daemon) => string.Create(
        CultureInfo.InvariantCulture, $"--start-daemon {daemon.Role.ToString().ToLowerInvariant()} --mcast-interface {daemon.Interface} --syncid {daemon.SyncId}");

    /// <summary>The name after <c>--tun-type</c>.</summary>
    public static string NameOf(TunnelType type) => type switch
    {
        TunnelType.Gue => "gue",
        TunnelType.Gre => "gre",
        _ => "ipip",
    };

    private static string TunnelOf(RealServer server)
    {
        if (server.Forwarding != ForwardingMethod.Tunnel)
            return "";
        string port = server.TunnelType == TunnelType.Gue ? string.Create(CultureInfo.InvariantCulture, $" --tun-port {server.TunnelPort}") : "";
        string checksum = server.TunnelType == TunnelType.IpIp ? ""
            : server.TunnelFlags.HasFlag(TunnelFlags.RemoteChecksum) ? " --tun-remcsum"
            : server.TunnelFlags.HasFlag(TunnelFlags.Checksum) ? " --tun-csum"
            : " --tun-nocsum";
        return $" --tun-type {NameOf(server.TunnelType)}{port}{checksum}";
    }
}
