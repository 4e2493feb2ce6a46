using System.Globalization;
using Director.Cli.Ipvsadm.Arguments;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>
/// <c>ipvsadm -S</c>: lines that <c>-R</c> reads. NOTE: ipvsadm 1.31 forgets thresholds here; ours writes <c>-x</c> and <c>-y</c>,
/// which 1.31 reads as well.
/// </summary>
internal sealed class SavePrinter(AddressNotation notation)
{
    public void Print(IEnumerable<ServiceListing> listings, TextWriter output)
    {
        foreach (ServiceListing listing in ListingOrder.Sorted(listings))
        {
            ServiceKey key = listing.Service.Key;
            string service = notation.Options(key);
            output.Write($"-A {service} {ServiceDescription.Options(listing.Service)}\n");
            foreach (RealServer server in ListingOrder.Sorted(listing.Service.Servers))
            {
                string address = notation.Full(server.Address, server.Port, AddressNotation.ProtocolOf(key));
                output.Write($"-a {service} -r {address} {OptionsOf(server)}\n");
            }
        }
    }

    private static string OptionsOf(RealServer server)
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

    private static string TunnelOf(RealServer server)
    {
        if (server.Forwarding != ForwardingMethod.Tunnel)
            return "";
        string port = server.TunnelType == TunnelType.Gue ? string.Create(CultureInfo.InvariantCulture, $" --tun-port {server.TunnelPort}") : "";
        string checksum = server.TunnelType == TunnelType.IpIp ? ""
            : server.TunnelFlags.HasFlag(TunnelFlags.RemoteChecksum) ? " --tun-remcsum"
            : server.TunnelFlags.HasFlag(TunnelFlags.Checksum) ? " --tun-csum"
            : " --tun-nocsum";
        return $" --tun-type {TunnelRules.NameOf(server.TunnelType)}{port}{checksum}";
    }
}
