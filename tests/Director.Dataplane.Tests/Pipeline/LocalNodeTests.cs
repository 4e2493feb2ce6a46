using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>A real server that is the host itself, 10.1.0.1: by the way into the host, third among the interfaces.</summary>
public sealed class LocalNodeTests
{
    private const int Host = 2;
    private static readonly MacAddress HostEnd = new(0x0200_0000_00AA);
    private static readonly MacAddress EngineEnd = new(0x0200_0000_00BB);
    private static readonly uint OnHost = Bench.Ip("10.1.0.1");

    private readonly Bench _bench = new();

    public LocalNodeTests()
    {
        EngineInterface[] interfaces = [.. _bench.Interfaces, new(Host, "director-e1", 9, EngineEnd, EngineEnd) { HostMac = HostEnd }];
        _bench.Core.Configure(new EngineConfiguration { Interfaces = ["c0", "r0"], VirtualMac = true }, interfaces);
        _bench.Core.Update(Network(clientMtu: 1500));
        _bench.Interfaces = interfaces;
        _bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", new RealServer { Address = IPAddress.Parse("10.1.0.1"), Port = 8080, Weight = 1, Forwarding = ForwardingMethod.Masquerade }));
        _bench.Tick(5000);
    }

    [Fact]
    public void A_client_reaches_it_and_hears_the_virtual_address()
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(TcpFlags.Syn)));
        Assert.Equal((Host, HostEnd, EngineEnd), (sent.Position, sent.EthernetHeader.Destination, sent.EthernetHeader.Source));
        Assert.Equal((Bench.ClientAddress, OnHost, (ushort)8080), (sent.Ip.Source, sent.Ip.Destination, PortsOf(sent).Destination));

        sent = Assert.Single(_bench.Receive(Host, FromHost(8080, TcpFlags.Syn | TcpFlags.Ack)));
        Assert.Equal((Bench.Client, Bench.ClientMac), (sent.Position, sent.EthernetHeader.Destination));
        Assert.Equal((Bench.Vip, Bench.ClientAddress, (ushort)80), (sent.Ip.Source, sent.Ip.Destination, PortsOf(sent).Source));
    }

    [Fact]
    public void What_it_says_to_those_who_asked_it_directly_is_passed_on()
    {
        Sent sent = Assert.Single(_bench.Receive(Host, FromHost(8080, TcpFlags.Ack)));
        Assert.Equal((Bench.Client, OnHost, Bench.ClientAddress), (sent.Position, sent.Ip.Source, sent.Ip.Destination));
        Assert.Equal(1ul, _bench.Core.Counters.Routed);
    }

    [Fact]
    public void Errors_about_what_it_sent_find_the_way_back_into_the_host()
    {
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        _bench.Core.Update(Network(clientMtu: 576));
        Sent sent = Assert.Single(_bench.Receive(Host, FromHost(8080, TcpFlags.Ack, new string('x', 1000))));
        Assert.Equal((Host, HostEnd), (sent.Position, sent.EthernetHeader.Destination));
        Assert.Equal((IpProtocol.Icmp, OnHost), (sent.Ip.Protocol, sent.Ip.Destination));
    }

    [Fact]
    public void Without_a_way_into_the_host_there_is_no_route()
    {
        _bench.Core.Configure(new EngineConfiguration { Interfaces = ["c0", "r0"], VirtualMac = true }, _bench.Interfaces[..Host]);
        _bench.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NoRoute));
    }

    private static NetworkView Network(int clientMtu) => new(
        [Interface(2, "c0", clientMtu, "10.1.0.1"), Interface(3, "r0", 1500, "10.2.0.1"), new NetworkInterface(9, "director-e1") { Mtu = 65535, IsUp = true }],
        [new Route(Bench.Address("10.1.0.1"), 32, RouteKind.Local, 2), new Route(Bench.Address("127.0.0.0"), 8, RouteKind.Local, 1)],
        [new Route(Bench.Address("10.1.0.0"), 16, RouteKind.Unicast, 2), new Route(Bench.Address("10.2.0.0"), 16, RouteKind.Unicast, 3)],
        [new Neighbour(2, IpAddress.FromIpv4(Bench.ClientAddress), Bench.ClientMac, NeighbourState.Reachable)]);

    private static (ushort Source, ushort Destination) PortsOf(Sent sent)
    {
        Assert.True(Frames.TransportChecksumIsValid(sent.Ip));
        return TcpHeader.TryParse(sent.Ip.Payload, out TcpHeader tcp, out _) ? (tcp.SourcePort, tcp.DestinationPort) : default;
    }

    private static NetworkInterface Interface(int index, string name, int mtu, string address) =>
        new(index, name) { Mtu = mtu, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(Bench.Address(address), 16)] };

    private static byte[] FromClient(TcpFlags flags) =>
        Frames.Tcp(MacAddress.Virtual(0, 1), Bench.ClientMac, Bench.ClientAddress, 40000, Bench.Vip, 80, flags);

    // As it would have left by c0, to the client.
    private static byte[] FromHost(ushort port, TcpFlags flags, string payload = "") =>
        Frames.Tcp(Bench.ClientMac, new MacAddress(0x0200_0000_0001), OnHost, port, Bench.ClientAddress, 40000, flags, payload);
}
