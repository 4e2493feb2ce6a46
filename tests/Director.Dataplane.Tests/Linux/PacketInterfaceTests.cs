using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Director.Dataplane.Control;
using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Ingress;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Linux;

[Trait("Category", "Kernel")]
public sealed class PacketInterfaceTests
{
    private const string ClientMac = "02:00:00:00:00:01";
    private const string FrontMac = "02:00:00:00:00:02";
    private const string BackMac = "02:00:00:00:00:03";
    private const string ServerMac = "02:00:00:00:00:04";
    private static readonly MacAddress Virtual = MacAddress.Virtual(0, 1);

    /// <summary>
    /// Megabytes of TCP through two packet interfaces that only change MAC addresses. With the outgoing device's checksum offload
    /// off the kernel itself completes each partial checksum and the receiver verifies it; with it on the frame arrives as it left.
    /// </summary>
    [Theory]
    [InlineData("on")]
    [InlineData("off")]
    public async Task Offloaded_frames_pass_whole_and_valid(string checksumOffload)
    {
        using Lab lab = Routed();
        lab.Exec("director", $"ethtool -K back tx {checksumOffload}");
        lab.Exec("director", $"ethtool -K front tx {checksumOffload}");
        using var pump = new Pump(lab);
        byte[] sent = new byte[20_000_000];
        new Random(1).NextBytes(sent);

        using Socket listener = lab.In("server", () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, 80));
            socket.Listen();
            return socket;
        });
        using Socket client = lab.In("client", () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        await client.ConnectAsync("10.9.2.1", 80, TestContext.Current.CancellationToken);
        using Socket server = await listener.AcceptAsync(TestContext.Current.CancellationToken);
        Task sending = Task.Run(() => { client.Send(sent); client.Shutdown(SocketShutdown.Send); }, TestContext.Current.CancellationToken);
        byte[] hash = await SHA256.HashDataAsync(new NetworkStream(server), TestContext.Current.CancellationToken);
        await sending;

        Assert.Equal(SHA256.HashData(sent), hash);
        Assert.InRange(pump.Largest, 60_000, 65_549);
        Assert.True(pump.Partial > 0);
        Assert.Equal(0, lab.Counter("server", "Tcp", "InCsumErrors"));
        Assert.Equal(0, lab.Counter("client", "Tcp", "InCsumErrors"));
    }

    [Fact]
    public void A_missing_interface_is_told_with_those_that_there_are()
    {
        using Lab lab = Routed();
        EngineException error = lab.In("director", () =>
            Assert.Throws<EngineException>(() => PacketInterface.Open("eth9", IngressRules.SocketFilter(Plan(FrontMac)))));
        Assert.Equal("interface eth9 does not exist on this host; director.interfaces names it; present: back, front", error.Message);
    }

    [Fact]
    public void An_interface_that_is_down_is_told_with_the_command_that_mends_it()
    {
        using Lab lab = Routed();
        lab.Ip("director", "link set front down");
        EngineException error = lab.In("director", () =>
            Assert.Throws<EngineException>(() => PacketInterface.Open("front", IngressRules.SocketFilter(Plan(FrontMac)))));
        Assert.Equal("interface front is down; bring it up: ip link set front up", error.Message);
    }

    [Fact]
    public void Missing_privileges_are_told_with_how_to_give_them()
    {
        using Lab lab = Routed();
        EngineException error = lab.In("director", () =>
        {
            Lab.DropPrivileges();
            return Assert.Throws<EngineException>(() => PacketInterface.Open("front", IngressRules.SocketFilter(Plan(FrontMac))));
        });
        Assert.StartsWith("missing CAP_NET_ADMIN and CAP_NET_RAW: the engine needs", error.Message, StringComparison.Ordinal);
        Assert.Contains("setcap", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_interface_tells_what_it_is()
    {
        using Lab lab = Routed();
        using PacketInterface front = lab.In("director", () => PacketInterface.Open("front", IngressRules.SocketFilter(Plan(FrontMac))));
        Assert.Equal(FrontMac, front.Mac.ToString());
        Assert.Equal("veth", front.Driver);
        Assert.Equal(1500, front.Mtu);
        Assert.True(front.HasCarrier);
        lab.Ip("client", "link set eth0 down");
        Assert.False(front.HasCarrier);
        Assert.True(front.IsUp);
    }

    [Fact]
    public void Groups_are_listened_to_while_they_are_wanted_and_no_longer_than_the_socket_lives()
    {
        using Lab lab = Routed();
        string before = Groups();
        using (PacketInterface front = lab.In("director", () => PacketInterface.Open("front", IngressRules.SocketFilter(Plan(FrontMac)))))
        {
            front.SetMulticast(MulticastGroups.Of([Ip("10.9.1.100"), Ip("fd00:1::12:3456"), Ip("fd00:2::12:3456"), Ip("fd00:1::100")]));
            Assert.Contains("33:33:00:00:00:01", Groups(), StringComparison.Ordinal);
            Assert.Contains("33:33:ff:12:34:56", Groups(), StringComparison.Ordinal);
            Assert.Contains("33:33:ff:00:01:00", Groups(), StringComparison.Ordinal);
            front.SetMulticast(MulticastGroups.Of([Ip("fd00:1::100")]));
            Assert.DoesNotContain("33:33:ff:12:34:56", Groups(), StringComparison.Ordinal);
            Assert.Contains("33:33:ff:00:01:00", Groups(), StringComparison.Ordinal);
            front.SetMulticast(MulticastGroups.Of([Ip("10.9.1.100")]));
            Assert.Equal(before, Groups());
            front.AddMulticast(new MacAddress(0x3333_FF00_0200));
            Assert.Contains("33:33:ff:00:02:00", Groups(), StringComparison.Ordinal);
        }
        Assert.Equal(before, Groups());

        string Groups() => lab.Exec("director", "ip maddress show dev front");
    }

    internal static IngressPlan Plan(string interfaceMac) => new()
    {
        VirtualMac = true,
        EngineMac = Virtual,
        InterfaceMac = Parsed(interfaceMac),
    };

    internal static MacAddress Parsed(string mac) => MacAddress.TryParse(mac, out MacAddress parsed) ? parsed : throw new FormatException(mac);

    /// <summary>client 10.9.1.1 - front (director) back - server 10.9.2.1; each end sends to the other through the virtual MAC.</summary>
    private static Lab Routed()
    {
        var lab = new Lab("client", "director", "server");
        lab.Connect("client", "eth0", ClientMac, "director", "front", FrontMac);
        lab.Connect("server", "eth0", ServerMac, "director", "back", BackMac);
        lab.Ip("client", "address add 10.9.1.1/24 dev eth0");
        lab.Ip("client", $"neighbour add 10.9.1.254 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("client", "route add default via 10.9.1.254");
        lab.Ip("server", "address add 10.9.2.1/24 dev eth0");
        lab.Ip("server", $"neighbour add 10.9.2.254 lladdr {Virtual} dev eth0 nud permanent");
        lab.Ip("server", "route add default via 10.9.2.254");
        return lab;
    }

    /// <summary>The least of an engine: IPv4 from either side goes to the machine on the other, in place.</summary>
    private sealed class Pump : IDisposable
    {
        private readonly PacketPoll _poll;
        private readonly PacketInterface _front;
        private readonly PacketInterface _back;
        private readonly Task _running;
        private volatile bool _stop;

        public Pump(Lab lab)
        {
            (_front, _back) = lab.In("director", () => (
                PacketInterface.Open("front", IngressRules.SocketFilter(Plan(FrontMac))),
                PacketInterface.Open("back", IngressRules.SocketFilter(Plan(BackMac)))));
            _front.AddUnicast(Virtual);
            _back.AddUnicast(Virtual);
            _poll = new PacketPoll([_front.Descriptor, _back.Descriptor]);
            _running = Task.Factory.StartNew(Run, TaskCreationOptions.LongRunning);
        }

        public int Largest { get; private set; }

        public int Partial { get; private set; }

        public void Dispose()
        {
            _stop = true;
            _poll.WakeUp();
            _running.Wait();
            Assert.Equal(0, _front.TransmitFailures.Total + _back.TransmitFailures.Total);
            _front.Dispose();
            _back.Dispose();
            _poll.Dispose();
        }

        private void Run()
        {
            while (!_stop)
            {
                if (_poll.Wait(-1) == 0)
                    continue;
                Move(_front, _back, Parsed(ServerMac));
                Move(_back, _front, Parsed(ClientMac));
            }
        }

        private void Move(PacketInterface from, PacketInterface to, MacAddress next)
        {
            while (from.TryReceive(out ReceivedFrame frame))
            {
                Largest = Math.Max(Largest, frame.Bytes.Length);
                Partial += frame.Offload[0] & 1;
                if (frame.Bytes[12..14] is not [0x08, 0x00])
                    continue;
                next.Write(frame.Bytes);
                to.Mac.Write(frame.Bytes[6..]);
                to.Queue(frame.OffloadAndFrame);
            }
            to.Flush();
            from.ReleaseAll();
        }
    }
}
