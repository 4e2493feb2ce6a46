using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>Prints services and their servers in one of the <see cref="TableFormat"/>s.</summary>
internal sealed class TablePrinter(TableFormat format, AddressNotation notation, bool sorted)
{
    public static void Title(uint connectionTableSize, TextWriter output) =>
        output.Write($"IP Virtual Server version 1.2.1 (size={connectionTableSize})\n");

    public void Print(IEnumerable<ServiceListing> listings, TextWriter output)
    {
        output.Write($"{format.Header}\n");
        foreach (ServiceListing listing in sorted ? ListingOrder.Sorted(listings) : AddressesFirst(listings))
            Print(listing, output);
    }

    private void Print(ServiceListing listing, TextWriter output)
    {
        ServiceKey key = listing.Service.Key;
        output.Write($"{notation.Column(key).PadRight(format.ServiceWidth)}{format.Service(listing)}\n");
        foreach (RealServer server in sorted ? ListingOrder.Sorted(listing.Service.Servers) : listing.Service.Servers.Reverse())
        {
            ServerStatus status = Array.Find(listing.Servers, seen => server.IsAt(seen.Address, seen.Port))
                ?? new ServerStatus(server.Address, server.Port, 0, 0, 0, new Statistics());
            string address = notation.Column(server.Address, server.Port, AddressNotation.ProtocolOf(key));
            output.Write($"  -> {address,-28}{format.Server(server, status)}\n");
        }
    }

    /// <summary>As the kernel walks its tables: services by address, then by mark. Within each it goes by hash, we by age.</summary>
    private static IEnumerable<ServiceListing> AddressesFirst(IEnumerable<ServiceListing> listings) =>
        listings.OrderBy(listing => listing.Service.Key.IsFirewallMark);
}
