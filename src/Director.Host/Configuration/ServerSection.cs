using System.Net;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>One of a declared service's <c>servers</c>.</summary>
internal static class ServerSection
{
    /// <param name="section">The server.</param>
    /// <param name="service">Null if that is not sound.</param>
    /// <returns>Null without a sound address.</returns>
    public static RealServer? Read(Section section, ServiceKey? service)
    {
        IPAddress? address = ReadAddress(section, service, out ushort port);
        ForwardingMethod forwarding = section.Choice("forwarding", "masquerade", "direct-route", "tunnel", "full-nat") switch
        {
            "direct-route" => ForwardingMethod.DirectRoute,
            "tunnel" => ForwardingMethod.Tunnel,
            "full-nat" => ForwardingMethod.FullNat,
            _ => ForwardingMethod.Masquerade,
        };
        // With ipvsadm these packets silently get the service's port.
        if (address is not null && service?.Address is not null && port != service.Port && forwarding is ForwardingMethod.DirectRoute or ForwardingMethod.Tunnel)
            section.Wrong("address", $"port {port} is out of reach: direct routing and tunnels do not change the port, {service!.Port}");
        RealServer? server = ReadNumbers(section, forwarding, address, port);
        TunnelKeys tunnel = TunnelKeys.Read(section, forwarding);
        return server is null ? null : tunnel.On(server);
    }

    // Without a port: the service's, as with ipvsadm.
    private static IPAddress? ReadAddress(Section section, ServiceKey? service, out ushort port)
    {
        string text = section.Required("address", "\"10.2.0.11:80\"");
        if (Endpoints.TryParse(text, out IPAddress? address, out port))
            return address;
        if (Endpoints.TryParse($"{text}:0", out address, out _))
        {
            port = service?.Port ?? 0;
            return address;
        }
        if (text.Length > 0)
            section.Wrong("address", $"'{text}' is not an address, with a port or without (10.2.0.11:80, [fd00:2::11]:80, 10.2.0.11)");
        return null;
    }

    private static RealServer? ReadNumbers(Section section, ForwardingMethod forwarding, IPAddress? address, ushort port)
    {
        ClientAddress clientAddress = section.Choice("client-address", "none", "proxy-protocol", "toa") switch
        {
            "proxy-protocol" => ClientAddress.ProxyProtocol,
            "toa" => ClientAddress.Toa,
            _ => ClientAddress.None,
        };
        if (clientAddress != ClientAddress.None && forwarding != ForwardingMethod.FullNat)
            section.Wrong("client-address", "goes with forwarding = full-nat only");
        int weight = (int)section.Number("weight", 1, 0, int.MaxValue);
        uint upper = (uint)section.Number("upper-threshold", 0, 0, uint.MaxValue);
        uint lower = (uint)section.Number("lower-threshold", 0, 0, uint.MaxValue);
        if (lower > upper)
            section.Wrong("lower-threshold", $"'{lower}' is above upper-threshold, {upper}");
        return address is null ? null : new RealServer
        {
            Address = address,
            Port = port,
            Forwarding = forwarding,
            Weight = weight,
            UpperThreshold = upper,
            LowerThreshold = lower,
            ClientAddress = clientAddress,
        };
    }
}
