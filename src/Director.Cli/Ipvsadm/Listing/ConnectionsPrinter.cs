using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary><c>ipvsadm -Lc</c>: as the connections come, unsorted.</summary>
internal sealed class ConnectionsPrinter(AddressNotation notation, bool persistence)
{
    public async Task PrintAsync(IAsyncEnumerable<ConnectionEntry> connections, TextWriter output)
    {
        output.Write("IPVS connection entries\npro expire state       source             virtual            destination");
        output.Write(persistence ? "        pe name          pe_data\n" : "\n");
        await foreach (ConnectionEntry entry in connections.ConfigureAwait(false))
            output.Write(Line(entry));
    }

    private string Line(ConnectionEntry entry)
    {
        string protocol = entry.Protocol == TransportProtocol.None ? "IP" : entry.Protocol.ToString().ToUpperInvariant();
        string client = notation.Full(entry.Client, entry.ClientPort, entry.Protocol);
        string service = notation.Full(entry.Virtual, entry.VirtualPort, entry.Protocol);
        string server = notation.Full(entry.Server, entry.ServerPort, entry.Protocol);
        string expires = string.Create(CultureInfo.InvariantCulture, $"{entry.Expires / 60:00}:{entry.Expires % 60:00}");
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{protocol,-3} {expires,-6} {entry.State,-11} {client,-18} {service,-18} ");
        return persistence && entry.PersistenceEngine is { } engine
            ? $"{line}{server,-16} {engine,-18} {entry.PersistenceData}\n"
            : $"{line}{server}\n";
    }
}
