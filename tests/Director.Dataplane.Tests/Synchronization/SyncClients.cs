using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Synchronization;

/// <summary>Clients and servers who speak with each other through whichever director owns the addresses, as chance has it.</summary>
internal sealed class SyncClients(Random random)
{
    public static readonly VirtualService[] Services =
    [
        Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1), Bench.Server(2)),
        Bench.Service("tcp 10.1.0.100:81", "rr", Bench.Server(1), Bench.Server(2)) with { Flags = ServiceFlags.Persistent, PersistenceTimeout = 9 },
        Bench.Service("tcp 10.1.0.100:82", "rr", FullNat(1), FullNat(2)),
        Bench.Service("tcp 10.1.0.100:83", "rr", Bench.Server(3, 83, method: ForwardingMethod.DirectRoute), Bench.Server(4, 83, method: ForwardingMethod.DirectRoute)),
        Bench.Service("tcp 10.1.0.100:84", "rr", FullNat(3) with { ClientAddress = ClientAddress.ProxyProtocol }),
        Bench.Service("udp 10.1.0.100:53", "wlc", Bench.Server(1, 53), Bench.Server(2, 53)),
    ];

    private readonly Dictionary<Peer, (uint Server, ushort Port, uint Local, ushort LocalPort)> _flows = [];
    private int _next;

    public IEnumerable<Peer> Flows => _flows.Keys;

    /// <summary>Something happens.</summary>
    public void Step(Bench owner)
    {
        Peer? peer = _flows.Count == 0 ? null : _flows.Keys.ElementAt(random.Next(_flows.Count));
        switch (random.Next(10))
        {
            case < 3:
                Open(owner, random.Next(80, 85));
                break;
            case 3:
                // A flood's.
                ToServer(owner, New(80), TcpFlags.Syn);
                break;
            case 4:
                Peer asked = New(53);
                ToServer(owner, asked, null);
                ToClient(owner, asked, null);
                break;
            case 5 when peer is { VirtualPort: not 53 }:
                ToServer(owner, peer, TcpFlags.Fin | TcpFlags.Ack);
                ToClient(owner, peer, TcpFlags.Fin | TcpFlags.Ack);
                ToServer(owner, peer, TcpFlags.Ack);
                _flows.Remove(peer);
                break;
            case 6 when peer is { VirtualPort: not 53 }:
                ToServer(owner, peer, TcpFlags.Rst);
                _flows.Remove(peer);
                break;
            case 7 when peer is { VirtualPort: not 53 } && random.Next(3) == 0:
                // The same client port again, and with luck another server.
                ToServer(owner, peer, TcpFlags.Rst);
                Open(owner, peer);
                break;
            default:
                if (peer is null)
                    break;
                ToServer(owner, peer, peer.VirtualPort == 53 ? null : TcpFlags.Ack);
                ToClient(owner, peer, peer.VirtualPort == 53 ? null : TcpFlags.Ack);
                break;
        }
        if (_flows.Count > 300)
            _flows.Remove(_flows.Keys.First());
    }

    /// <summary>An established connection to a port of the VIP.</summary>
    public Peer Open(Bench owner, int port)
    {
        Peer peer = New(port);
        Open(owner, peer);
        return peer;
    }

    public (uint Server, ushort Port, uint Local, ushort LocalPort) WayOf(Peer peer) => _flows[peer];

    /// <summary>A client's packet; true: it left to a server.</summary>
    public bool ToServer(Bench owner, Peer peer, TcpFlags? flags)
    {
        Sent? sent = owner.Receive(Bench.Client, peer.ToVirtual(owner, flags, [])).LastOrDefault(each => each.Position == Bench.ServerSide);
        if (sent is null)
            return false;
        Remember(peer, sent);
        return true;
    }

    public void Remember(Peer peer, Sent sent)
    {
        Ipv4Header ip = sent.Ip;
        _flows[peer] = (ip.Destination, (ushort)((ip.Payload[2] << 8) | ip.Payload[3]), ip.Source, (ushort)((ip.Payload[0] << 8) | ip.Payload[1]));
    }

    public bool ToClient(Bench owner, Peer peer, TcpFlags? flags)
    {
        if (peer.VirtualPort == 83 || !_flows.TryGetValue(peer, out (uint Server, ushort Port, uint Local, ushort LocalPort) way))
            return false;
        Peer reply = new(IpAddress.FromIpv4(way.Local).ToString(), way.LocalPort);
        return owner.Receive(Bench.ServerSide, reply.FromServer(owner, IpAddress.FromIpv4(way.Server).ToString(), way.Port, flags, [])).Any(each => each.Position == Bench.Client);
    }

    private void Open(Bench owner, Peer peer)
    {
        ToServer(owner, peer, TcpFlags.Syn);
        ToClient(owner, peer, TcpFlags.Syn | TcpFlags.Ack);
        ToServer(owner, peer, TcpFlags.Ack);
    }

    private Peer New(int port)
    {
        _next++;
        return new Peer($"10.9.{128 + (_next % 40)}.{1 + (_next / 40 % 200)}", (ushort)(1024 + (_next % 60_000)), VirtualPort: (ushort)port);
    }

    private static RealServer FullNat(int number) => Bench.Server(number, method: ForwardingMethod.FullNat);
}
