using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// What IPVS demands of a service and of a real server, in the order in which the kernel looks (ip_vs_add_service,
/// ip_vs_add_dest), then what full NAT and this host add. Null is: nothing against it.
/// </summary>
public static class ServiceRules
{
    /// <summary>ipvsadm's range for <c>-p</c>: 31 days.</summary>
    public const uint LongestPersistence = 31 * 24 * 60 * 60;

    public static CommandResult? Object(VirtualService service, Capabilities can)
    {
        if (!can.HasScheduler(service.Scheduler))
            return new(CommandError.UnknownScheduler, $"no scheduler is called '{service.Scheduler}'");
        if (service.PersistenceEngine is not (null or "" or "sip"))
            return new(CommandError.UnknownScheduler, $"no persistence engine is called '{service.PersistenceEngine}'");
        if (service.Key.Family == AddressFamily.InterNetworkV6 && service.PrefixLength is < 1 or > 128)
            return new(CommandError.InvalidOperation, "an IPv6 persistence prefix is 1 to 128 bits long");

        bool persistent = service.Flags.HasFlag(ServiceFlags.Persistent);
        if (persistent && service.PersistenceTimeout is < 1 or > LongestPersistence)
            return new(CommandError.OutOfRange, $"a persistence timeout is 1 to {LongestPersistence} seconds");
        if (!persistent && !service.Key.IsFirewallMark && service.Key.Port == 0)
            return new(CommandError.InvalidOperation, "port 0 (every port) is for persistent services");
        // (In IPVS it is ipvsadm that refuses this.)
        if (IsOnePacket(service) && service.Key.Protocol is not (TransportProtocol.Udp or TransportProtocol.None))
            return new(CommandError.InvalidOperation, "one-packet scheduling is only for UDP virtual services");
        // IPVS would take it, for packets that there are not.
        if (service.Key.Address is { IsIPv4MappedToIPv6: true } mapped)
            return new(CommandError.InvalidOperation, $"{mapped} is an IPv4 address: write it as {mapped.MapToIPv4()}");
        return null;
    }

    public static CommandResult? Object(ServiceKey service, RealServer server, Capabilities can)
    {
        bool tunnel = server.Forwarding == ForwardingMethod.Tunnel;
        if (server.Address.AddressFamily != service.Family && !tunnel)
            return new(CommandError.InvalidOperation, $"{server.Address} is of another address family than {service}; only tunnels cross families");
        if (server.Weight < 0)
            return new(CommandError.OutOfRange, "a weight is 0 to 2147483647");
        if (server.LowerThreshold > server.UpperThreshold)
            return new(CommandError.OutOfRange, $"lower threshold {server.LowerThreshold} is above upper threshold {server.UpperThreshold}");
        if (tunnel && server.TunnelType == TunnelType.Gue && server.TunnelPort == 0)
            return new(CommandError.InvalidOperation, "a GUE tunnel needs a port");
        return FullNat(service, server, can) ?? OnHost(service, server, can);
    }

    /// <summary>What does not go together, though each alone would.</summary>
    public static CommandResult? ObjectTogether(VirtualService service, ImmutableArray<RealServer> servers) =>
        IsOnePacket(service) && servers.Any(server => server.Forwarding == ForwardingMethod.FullNat)
            ? new(CommandError.InvalidOperation, "full NAT needs connections, and one-packet scheduling (-o) leaves none")
            : null;

    /// <summary>
    /// Asked last when a server is added: unicast, and of IPv6 good beyond its link, since an address of a link does not say of which.
    /// </summary>
    public static bool CanServe(IPAddress address) => IsUnicast(address) && !address.IsIPv6LinkLocal;

    /// <summary>
    /// What inet_addr_type calls unicast without looking at routes: not 0/8, not the limited broadcast, not multicast; for IPv6 neither
    /// unspecified nor multicast nor an IPv4 address (ipv6_addr_type).
    /// </summary>
    public static bool IsUnicast(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        return length == 4
            ? bytes[0] is not 0 and not (>= 224 and <= 239) && !address.Equals(IPAddress.Broadcast)
            : bytes[0] != 0xff && !address.Equals(IPAddress.IPv6Any) && !address.IsIPv4MappedToIPv6;
    }

    /// <summary>
    /// As it will be kept. A packet that is not rewritten arrives at the service's port, whatever the command says: with direct
    /// routing and tunnels the server's port is the service's. Under a firewall mark there is no such port.
    /// </summary>
    public static RealServer Normalise(ServiceKey service, RealServer server) =>
        !service.IsFirewallMark && server.Forwarding is ForwardingMethod.DirectRoute or ForwardingMethod.Tunnel && server.Port != service.Port
            ? server with { Port = service.Port }
            : server;

    public static VirtualService Normalise(VirtualService service) => service with
    {
        PersistenceEngine = service.PersistenceEngine is "" ? null : service.PersistenceEngine,
        Servers = service.Servers.IsDefaultOrEmpty ? [] : [.. service.Servers.Select(server => Normalise(service.Key, server))],
    };

    // The director answers for the VIP, not the host: a packet that is not rewritten would find nobody there.
    private static CommandResult? OnHost(ServiceKey service, RealServer server, Capabilities can)
    {
        if (!can.IsHostAddress(server.Address))
            return null;
        if (IPAddress.IsLoopback(server.Address))
            return new(CommandError.NotSupported, $"{server.Address} hears nothing from the network: name an address of this host's interfaces, with masquerading (-m)");
        if (server.Forwarding is ForwardingMethod.Masquerade or ForwardingMethod.FullNat)
            return null;
        string vip = service.IsFirewallMark ? "the address that clients ask" : $"{service.Address}";
        return new(CommandError.NotSupported, $"{server.Address} is this host, which does not have {vip} (the director answers for it itself): use masquerading (-m)");
    }

    private static CommandResult? FullNat(ServiceKey service, RealServer server, Capabilities can)
    {
        bool fullNat = server.Forwarding == ForwardingMethod.FullNat;
        if (server.ClientAddress != ClientAddress.None && !fullNat)
            return new(CommandError.InvalidOperation, "the client's address is handed on with full NAT only");
        if (server.ClientAddress != ClientAddress.None && service.Protocol is not (TransportProtocol.Tcp or TransportProtocol.None))
            return new(CommandError.InvalidOperation, "the client's address is handed on over TCP only");
        if (!fullNat)
            return null;
        if (can.LocalAddresses.Any(local => local.AddressFamily == server.Address.AddressFamily))
            return null;
        string family = server.Address.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6" : "IPv4";
        return new(CommandError.NotConfigured, $"full NAT to {server.Address} needs an {family} address in director.local-addresses");
    }

    private static bool IsOnePacket(VirtualService service) => service.Flags.HasFlag(ServiceFlags.OnePacket);
}
