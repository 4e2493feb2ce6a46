using System.Globalization;
using System.Text.RegularExpressions;
using Director.Dataplane.Connections;
using Director.Dataplane.Routing;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>
/// Replays a group of lives of connections, as the kernel's IPVS was recorded with real clients: its commands, the packets that
/// its actions stand for, and after them what every listing said: states, expiries (to the second or one beside it: when packets
/// came was not recorded closer), servers, ActiveConn, InActConn and PersistConn, counters to the byte, rates. Tests of groups
/// have the group's name as their only data: <see cref="EveryGroupTests"/> counts on that.
/// </summary>
public abstract partial class RecordedLife
{
    private const int MillisecondsToAListing = 250;

    private readonly RecordedCommands _commands;
    private readonly Dictionary<Peer, (string Address, ushort Port)> _servers = [];

    private protected RecordedLife()
    {
        _commands = new RecordedCommands(Bench);
        Bench.Update(new NetworkView(
            Bench.Network.Interfaces,
            [],
            [
                new Route(Ipv6Bytes.Address("10.1.0.0"), 16, RouteKind.Unicast, 2),
                new Route(Ipv6Bytes.Address("10.1.128.0"), 17, RouteKind.Unicast, 2, Gateway: Ipv6Bytes.Address("10.1.0.2")),
                new Route(Ipv6Bytes.Address("10.2.0.0"), 16, RouteKind.Unicast, 3),
                new Route(Ipv6Bytes.Address("fd00:1::"), 64, RouteKind.Unicast, 2),
                new Route(Ipv6Bytes.Address("fd00:2::"), 64, RouteKind.Unicast, 3),
            ],
            [
                new Neighbour(2, Ipv6Bytes.Address("10.1.0.2"), Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(2, Ipv6Bytes.Address("fd00:1::2"), Bench.ClientMac, NeighbourState.Reachable),
                new Neighbour(3, Ipv6Bytes.Address("fd00:2::11"), Bench.ServerMac(1), NeighbourState.Reachable),
                .. Enumerable.Range(1, 4).Select(i => new Neighbour(3, IpAddress.FromIpv4(Bench.ServerAddress(i)), Bench.ServerMac(i), NeighbourState.Reachable)),
            ]));
    }

    private protected Bench Bench { get; } = new();

    /// <summary>Goes through a group. Whatever is neither a command nor explains itself has to be in the steps.</summary>
    /// <param name="group">Its name in the file.</param>
    /// <param name="steps">Instead of an action, or before a command, by number.</param>
    /// <param name="otherwise">Listings that are others here, by number, and why.</param>
    private protected void Replay(string group, Dictionary<int, Action>? steps = null, Dictionary<int, string>? otherwise = null)
    {
        bool listed = false;
        Assert.NotEmpty(LifeRecording.Groups[group]);
        foreach (LifeEntry entry in LifeRecording.Groups[group])
        {
            Action? step = steps?.GetValueOrDefault(entry.Number);
            step?.Invoke();
            if (entry.Command is not { } command)
            {
                if (step is null)
                    Act(entry);
                listed = false;
            }
            else if (_commands.TryDo(command))
            {
                listed = false;
            }
            else if (otherwise?.ContainsKey(entry.Number) != true)
            {
                Compare(entry, command, ref listed);
            }
        }
    }

    private protected void Do(string command) => Assert.True(_commands.TryDo(command));

    private protected void Wait(int milliseconds)
    {
        for (; milliseconds > 0; milliseconds -= 50)
            Bench.Tick(Math.Min(milliseconds, 50));
    }

    /// <summary>A client's packet that a server gets. No flags: a datagram.</summary>
    private protected void Send(Peer peer, TcpFlags? flags, int bytes = 0)
    {
        Sent sent = Assert.Single(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, bytes)));
        Assert.Equal(Bench.ServerSide, sent.Position);
        Assert.True(IpHeader.TryParse(sent.EthernetHeader.EtherType, sent.EthernetHeader.Payload, out IpHeader ip, out _));
        _servers[peer] = (ip.Destination.ToString(), (ushort)((ip.Payload[2] << 8) | ip.Payload[3]));
    }

    /// <summary>A client's packet that nobody gets, and nobody answers.</summary>
    private protected void Lose(Peer peer, TcpFlags? flags, int bytes = 0) => Assert.Empty(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, bytes)));

    /// <summary>A client's packet that the director answers with RST, or with an ICMP error.</summary>
    private protected void Refuse(Peer peer, TcpFlags? flags, byte answer, int bytes = 0)
    {
        Sent sent = Assert.Single(Bench.Receive(Bench.Client, peer.ToVirtual(Bench, flags, bytes)));
        Assert.Equal((Bench.Client, answer), (sent.Position, sent.Ip.Protocol));
    }

    /// <summary>A packet of the server that got the client's last one.</summary>
    private protected void Answer(Peer peer, TcpFlags? flags, int bytes = 0)
    {
        (string address, ushort port) = _servers[peer];
        Sent sent = Assert.Single(Bench.Receive(Bench.ServerSide, peer.FromServer(Bench, address, port, flags, bytes)));
        Assert.True(IpHeader.TryParse(sent.EthernetHeader.EtherType, sent.EthernetHeader.Payload, out IpHeader ip, out _));
        Assert.Equal((Bench.Client, Ipv6Bytes.Address(peer.Virtual), peer.VirtualPort), (sent.Position, ip.Source, (ushort)((ip.Payload[0] << 8) | ip.Payload[1])));
    }

    private protected void Open(Peer peer)
    {
        Send(peer, TcpFlags.Syn, 12);
        Answer(peer, TcpFlags.Syn | TcpFlags.Ack, 12);
        Send(peer, TcpFlags.Ack);
    }

    private protected void Close(Peer peer)
    {
        Send(peer, TcpFlags.Fin | TcpFlags.Ack);
        Answer(peer, TcpFlags.Fin | TcpFlags.Ack);
        Send(peer, TcpFlags.Ack);
    }

    /// <summary>A datagram, and one back.</summary>
    private protected void Ask(Peer peer, int server, int bytes = 1, int back = 1)
    {
        Send(peer, null, bytes);
        WentTo(peer, server);
        Answer(peer, null, back);
    }

    private protected void WentTo(Peer peer, int server) => Assert.Equal($"10.2.0.{10 + server}", _servers[peer].Address);

    // What actions say of themselves.
    private void Act(LifeEntry entry)
    {
        string action = entry.Action!;
        if (Connection().Match(action) is { Success: true } connection)
        {
            Peer peer = new(connection.Groups[1].Value, Number(connection.Groups[2]), connection.Groups[3].Value, Number(connection.Groups[4]));
            Open(peer);
            WentTo(peer, Number(connection.Groups[5]));
            if (connection.Groups[6].Value == "closed")
                Close(peer);
        }
        else if (action.StartsWith("(sleep 2.3 s", StringComparison.Ordinal))
        {
            Wait(2300);
        }
        else
        {
            // The next command is what they announce, or the end is there.
            Assert.True(action is "service deleted" or "now DELETE the RS 10.2.0.12" || action.StartsWith("module ip_vs unloaded", StringComparison.Ordinal), $"{entry.Number}: what is '{action}'?");
        }
    }

    private void Compare(LifeEntry entry, string command, ref bool listed)
    {
        string[] words = command.Split(' ');
        if (words is ["ipvsadm", "-Lcn", ..] or ["cat", "/proc/net/ip_vs_conn"])
        {
            if (!listed)
                Wait(MillisecondsToAListing);
            listed = true;
            CompareConnections(entry, words[0] == "cat" ? RecordedListing.ConnectionsInProc(entry.Output) : RecordedListing.Connections(entry.Output));
        }
        else if (words is ["ipvsadm", "-Ln", "--stats" or "--rate", ..])
        {
            HashSet<ServiceKey> onePacket = [.. _commands.Services.Where(each => each.Flags.HasFlag(ServiceFlags.OnePacket)).Select(each => each.Key)];
            Same(entry, RecordedListing.Numbers(entry.Output, onePacket), RecordedListing.Numbers(Bench.Core.Statistics(), onePacket, words[2] == "--rate"));
        }
        else if (words is ["ipvsadm", "-Ln", ..])
        {
            Same(entry, RecordedListing.Counts(entry.Output), RecordedListing.Counts(Bench.Core.Statistics()));
            if (words is [_, _, "--persistent-conn"])
                Same(entry, RecordedListing.Templates(entry.Output), RecordedListing.Templates(Bench.Core.Statistics()));
        }
        else
        {
            // Names, saved commands, and numbers of /proc that are the same again in other listings.
            Assert.True(words is ["ipvsadm", "-Lc" or "-S", ..] or ["cat", "/proc/net/ip_vs" or "/proc/net/ip_vs_stats" or "/proc/net/ip_vs_stats_percpu" or "/proc/net/ip_vs_conn_sync"] or ["ip", ..], $"{entry.Number}: what is '{command}'?");
        }
    }

    private void CompareConnections(LifeEntry entry, Dictionary<string, int> theirs)
    {
        ConnectionEntry[] entries = new ConnectionEntry[64];
        uint cursor = 0;
        int count = ConnectionListing.Read(Bench.Core.Connections, ref cursor, entries, ConnectionClock.FromMilliseconds(Bench.Now));
        Dictionary<string, int> ours = RecordedListing.Connections(entries.Take(count));
        Same(entry, theirs.Keys.Order(), ours.Keys.Order());
        foreach ((string connection, int expires) in theirs)
            Assert.True(Math.Abs(ours[connection] - expires) <= 1, $"{entry.Number}: {connection} expires in {expires} s there, {ours[connection]} s here");
    }

    private static void Same(LifeEntry entry, IEnumerable<string> theirs, IEnumerable<string> ours) =>
        Assert.Equal($"{entry.Number}:\n{string.Join('\n', theirs)}", $"{entry.Number}:\n{string.Join('\n', ours)}");

    private static ushort Number(Group digits) => ushort.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^TCP ([0-9.]+):(\d+) -> ([0-9.]+):(\d+) : rs(\d) (held|closed)$")]
    private static partial Regex Connection();
}
