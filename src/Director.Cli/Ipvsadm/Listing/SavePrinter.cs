using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -S</c>: lines that <c>-R</c> reads.</summary>
internal sealed class SavePrinter(AddressNotation notation)
{
    public void Print(IEnumerable<ServiceListing> listings, TextWriter output)
    {
        foreach (ServiceListing listing in ListingOrder.Sorted(listings))
        {
            ServiceKey key = listing.Service.Key;
            string service = notation.Options(key);
            output.Write($"-A {service} {IpvsadmNotation.Options(listing.Service)}\n");
            foreach (RealServer server in ListingOrder.Sorted(listing.Service.Servers))
            {
                string address = notation.Full(server.Address, server.Port, AddressNotation.ProtocolOf(key));
                output.Write($"-a {service} -r {address} {IpvsadmNotation.Options(server)}\n");
            }
        }
    }
}
