using System.Globalization;
using System.Net;
using Director.Model;

namespace Director.Cli.Tests.Golden;

/// <summary>
/// Listings that were recorded while real connections came and went: what they say is read back, and printed again it is the
/// same text, byte for byte.
/// </summary>
public sealed class PrinterTests
{
    public static TheoryData<int> ConnectionListings => Indexes("ipvsadm -Lcn", "ipvsadm -Lcn --sort", "ipvsadm -Lcn --nosort");

    public static TheoryData<int> WeightListings => Indexes("ipvsadm -Ln");

    public static TheoryData<int> StatisticsListings => Indexes("ipvsadm -Ln --stats", "ipvsadm -Ln --stats --exact");

    public static TheoryData<int> RateListings => Indexes("ipvsadm -Ln --rate");

    [Theory]
    [MemberData(nameof(ConnectionListings))]
    public async Task Connections_are_printed_as_recorded(int index)
    {
        RecordedCommand recorded = RecordedCommand.ConnectionLife[index];
        FixedDirector director = new() { Connections = [.. recorded.Output.TrimEnd('\n').Split('\n').Skip(2).Select(ReadConnection)] };
        Assert.Equal(recorded.Output, (await Answer.OfAsync(director, recorded.Arguments!)).Output);
    }

    [Theory]
    [MemberData(nameof(WeightListings))]
    public async Task Weights_are_printed_as_recorded(int index) => await PrintsAgain(index, (words, status) => status with
    {
        ActiveConnections = uint.Parse(words[^2], CultureInfo.InvariantCulture),
        InactiveConnections = uint.Parse(words[^1], CultureInfo.InvariantCulture),
    });

    [Theory]
    [MemberData(nameof(StatisticsListings))]
    public async Task Statistics_are_printed_as_recorded(int index) => await PrintsAgain(index, (words, status) =>
    {
        ulong[] n = ReadNumbers(words);
        return status with { Statistics = new Statistics(n[0], n[1], n[2], n[3], n[4]) };
    });

    [Theory]
    [MemberData(nameof(RateListings))]
    public async Task Rates_are_printed_as_recorded(int index) => await PrintsAgain(index, (words, status) =>
    {
        ulong[] n = ReadNumbers(words);
        return status with { Statistics = new Statistics(0, 0, 0, 0, 0, n[0], n[1], n[2], n[3], n[4]) };
    });

    private static TheoryData<int> Indexes(params string[] commands) =>
        [.. Enumerable.Range(0, RecordedCommand.ConnectionLife.Count).Where(i => commands.Contains(RecordedCommand.ConnectionLife[i].Command))];

    private static async Task PrintsAgain(int index, Func<string[], ServerStatus, ServerStatus> read)
    {
        RecordedCommand recorded = RecordedCommand.ConnectionLife[index];
        FixedDirector director = new() { Services = ReadTable(recorded.Output, read) };
        Assert.Equal(recorded.Output, (await Answer.OfAsync(director, recorded.Arguments!)).Output);
    }

    private static ServicesListing ReadTable(string text, Func<string[], ServerStatus, ServerStatus> read)
    {
        List<ServiceListing> services = [];
        foreach (string line in text.TrimEnd('\n').Split('\n').Skip(3))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] != "->")
            {
                ServiceKey key = words[0] == "FWM"
                    ? ServiceKey.ForMark(uint.Parse(words[1], CultureInfo.InvariantCulture))
                    : ServiceKey.TryParse($"{words[0]} {words[1]}", out ServiceKey? found) ? found : throw new FormatException(line);
                Statistics statistics = words.Length == 7 ? read(words, Nothing(IPAddress.Any, 0)).Statistics : new Statistics();
                services.Add(new ServiceListing(ReadFlags(words, new VirtualService { Key = key }), statistics, []));
                continue;
            }
            Assert.True(Endpoints.TryParse(words[1], out IPAddress? address, out ushort port));
            ServiceListing service = services[^1];
            RealServer server = new()
            {
                Address = address,
                Port = port,
                Weight = int.Parse(words.Length == 6 ? words[3] : "1", CultureInfo.InvariantCulture),
                Forwarding = words[2] switch { "Masq" => ForwardingMethod.Masquerade, "Tunnel" => ForwardingMethod.Tunnel, _ => ForwardingMethod.DirectRoute },
            };
            services[^1] = service with
            {
                Service = service.Service with { Servers = service.Service.Servers.Add(server) },
                Servers = [.. service.Servers, read(words, Nothing(address, port))],
            };
        }
        return new ServicesListing([.. services], 4096);
    }

    private static VirtualService ReadFlags(string[] words, VirtualService service)
    {
        int persistent = Array.IndexOf(words, "persistent");
        int mask = Array.IndexOf(words, "mask");
        return service with
        {
            Scheduler = words.Length > 2 ? words[2] : "",
            Flags = (persistent > 0 ? ServiceFlags.Persistent : ServiceFlags.None) | (words.Contains("ops") ? ServiceFlags.OnePacket : ServiceFlags.None),
            PersistenceTimeout = persistent > 0 ? uint.Parse(words[persistent + 1], CultureInfo.InvariantCulture) : 0,
            PersistenceNetmask = mask > 0 ? IPAddress.Parse(words[mask + 1]) : null,
        };
    }

    private static ulong[] ReadNumbers(string[] words) => [.. words[^5..].Select(word => ulong.Parse(word, CultureInfo.InvariantCulture))];

    private static ServerStatus Nothing(IPAddress address, ushort port) => new(address, port, 0, 0, 0, new Statistics());

    private static ConnectionEntry ReadConnection(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] expires = words[1].Split(':');
        (IPAddress client, ushort clientPort) = ReadEndpoint(words[3]);
        (IPAddress service, ushort servicePort) = ReadEndpoint(words[4]);
        (IPAddress server, ushort serverPort) = ReadEndpoint(words[5]);
        return new ConnectionEntry(
            words[0] == "IP" ? TransportProtocol.None : Enum.Parse<TransportProtocol>(words[0], ignoreCase: true),
            (uint.Parse(expires[0], CultureInfo.InvariantCulture) * 60) + uint.Parse(expires[1], CultureInfo.InvariantCulture),
            words[2], client, clientPort, service, servicePort, server, serverPort);
    }

    private static (IPAddress, ushort) ReadEndpoint(string text) =>
        Endpoints.TryParse(text, out IPAddress? address, out ushort port) ? (address, port) : throw new FormatException(text);
}
