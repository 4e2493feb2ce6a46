using System.Globalization;
using System.Net;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>What ipvsadm and /proc listed, and the same of ours, in forms that can be compared.</summary>
internal static class RecordedListing
{
    /// <summary>Connections and their seconds: <c>TCP 14:58  ESTABLISHED 10.1.128.1:20001   10.1.0.100:80      10.2.0.11:80</c>.</summary>
    public static Dictionary<string, int> Connections(string output) => Lines(output)
        .Where(words => words[0] is "TCP" or "UDP" or "IP")
        .ToDictionary(
            words => $"{words[0]} {string.Join(' ', words[2..6])}",
            words => (Number(words[1].Split(':')[0]) * 60) + Number(words[1].Split(':')[1]));

    /// <summary>Of /proc/net/ip_vs_conn: <c>TCP 0A018001 4E21 0A010064 0050 0A02000B 0050 ESTABLISHED     898</c>.</summary>
    public static Dictionary<string, int> ConnectionsInProc(string output) => Lines(output)
        .Where(words => words[0] is "TCP" or "UDP" or "IP")
        .ToDictionary(
            words => $"{words[0]} {words[7]} {End(words[1], words[2])} {End(words[3], words[4])} {End(words[5], words[6])}",
            words => Number(words[8]));

    public static Dictionary<string, int> Connections(IEnumerable<ConnectionEntry> entries) => entries.ToDictionary(
        each => $"{(each.Protocol == TransportProtocol.None ? "IP" : each.Protocol.ToString().ToUpperInvariant())} {each.State} "
            + $"{Endpoints.Format(each.Client, each.ClientPort)} {Endpoints.Format(each.Virtual, each.VirtualPort)} {Endpoints.Format(each.Server, each.ServerPort)}",
        each => (int)each.Expires);

    /// <summary>Servers with ActiveConn and InActConn, the last two columns of <c>-Ln</c>, <c>--thresholds</c> and <c>--persistent-conn</c>.</summary>
    public static IEnumerable<string> Counts(string output) => Servers(output).Select(words => $"{words[1]} {words[^2]} {words[^1]}").Order();

    public static IEnumerable<string> Counts(TableStatistics table) =>
        Servers(table).Select(each => $"{Endpoints.Format(each.Address, each.Port)} {each.ActiveConnections} {each.InactiveConnections}").Order();

    /// <summary>Servers with PersistConn.</summary>
    public static IEnumerable<string> Templates(string output) => Servers(output).Select(words => $"{words[1]} {words[3]}").Order();

    public static IEnumerable<string> Templates(TableStatistics table) =>
        Servers(table).Select(each => $"{Endpoints.Format(each.Address, each.Port)} {each.PersistentConnections}").Order();

    /// <summary>Services and servers with the numbers of <c>--stats</c> or <c>--rate</c>.</summary>
    /// <param name="output">Of ipvsadm.</param>
    /// <param name="onePacket">Services whose outgoing packets are not compared: the kernel does not translate their answers.</param>
    public static IEnumerable<string> Numbers(string output, IReadOnlySet<ServiceKey> onePacket)
    {
        bool incomingOnly = false;
        foreach (string[] words in Lines(output).Where(words => words.Length == 7 && char.IsDigit(words[^1][0])))
        {
            if (words[0] is "TCP" or "UDP")
                incomingOnly = ServiceKey.TryParse($"{words[0]} {words[1]}", out ServiceKey? key) && onePacket.Contains(key);
            yield return incomingOnly ? $"{words[2]} {words[3]} {words[5]}" : string.Join(' ', words[2..]);
        }
    }

    public static IEnumerable<string> Numbers(TableStatistics table, IReadOnlySet<ServiceKey> onePacket, bool rates)
    {
        foreach (ServiceStatistics service in table.Services.OrderBy(each => each.Key.Protocol).ThenBy(each => each.Key.Family).ThenBy(each => each.Key.Port))
        {
            bool incomingOnly = onePacket.Contains(service.Key);
            yield return Numbers(service.Statistics, rates, incomingOnly);
            foreach (ServerStatus server in service.Servers)
                yield return Numbers(server.Statistics, rates, incomingOnly);
        }
    }

    private static string Numbers(Statistics each, bool rates, bool incomingOnly) =>
        rates ? $"{each.ConnectionRate} {each.InPacketRate} {each.OutPacketRate} {each.InByteRate} {each.OutByteRate}"
        : incomingOnly ? $"{each.Connections} {each.InPackets} {each.InBytes}"
        : $"{each.Connections} {each.InPackets} {each.OutPackets} {each.InBytes} {each.OutBytes}";

    private static IEnumerable<ServerStatus> Servers(TableStatistics table) => table.Services.SelectMany(service => service.Servers);

    // "  -> 10.2.0.11:80                 Masq    1      1          0", but not the heading.
    private static IEnumerable<string[]> Servers(string output) => Lines(output).Where(words => words[0] == "->" && words.Length == 6 && char.IsDigit(words[^1][0]));

    private static IEnumerable<string[]> Lines(string output) => output
        .Split('\n')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words.Length > 1);

    private static string End(string address, string port) => Endpoints.Format(
        IPAddress.Parse(address.Contains(':') ? address : string.Join('.', Convert.FromHexString(address))),
        ushort.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
