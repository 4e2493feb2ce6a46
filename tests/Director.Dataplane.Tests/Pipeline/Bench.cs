using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.FastPath;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// A director on a bench: the topology of the recordings (client 10.1.0.2/16 at c0, director 10.1.0.1 and 10.2.0.1,
/// VIP 10.1.0.100, servers 10.2.0.11.. at r0, gateway 10.2.0.254 floating there), frames in and out as arrays.
/// </summary>
internal sealed class Bench : IFrameOutput
{
    public const int Client = 0;
    public const int ServerSide = 1;

    public static readonly MacAddress ClientMac = new(0x020000000102);
    public static readonly MacAddress ClientSideMac = new(0x020000000101);
    public static readonly MacAddress ServerSideMac = new(0x020000000201);
    public static readonly uint ClientAddress = Ip("10.1.0.2");
    public static readonly uint Vip = Ip("10.1.0.100");
    public static readonly uint Gateway = Ip("10.2.0.254");

    private readonly List<Sent> _sent = [];
    private ulong _revision;
    private IFrameOutput? _other;

    public Bench(
        bool virtualMac = true, int serverMtu = 1500, ConnectionMemory? memory = null, bool gateway = true, long now = 1_000_000, uint connections = 1024,
        ISyncOutput? batches = null, string[]? locals = null,
        (FastTables, IGracePeriods)? fast = null)
    {
        Now = now;
        Memory = memory ?? ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(connections)), connections);
        Interfaces =
        [
            new EngineInterface(0, "c0", 2, ClientSideMac, virtualMac ? MacAddress.Virtual(0, 1) : ClientSideMac),
            new EngineInterface(1, "r0", 3, ServerSideMac, virtualMac ? MacAddress.Virtual(1, 1) : ServerSideMac),
        ];
        Core = new ForwardingCore(Memory, this, Requests, Now, batches, fast);
        Core.BeginBatch(Now);
        Core.Configure(
            new EngineConfiguration
            {
                Interfaces = ["c0", "r0"],
                FloatingAddresses = gateway ? [new FloatingAddress(IPAddress.Parse("10.2.0.254"), 16, "r0")] : [],
                LocalAddresses = [.. (locals ?? []).Select(IPAddress.Parse)],
                VirtualMac = virtualMac,
            },
            Interfaces);
        Network = new NetworkView(
            [
                new NetworkInterface(2, "c0") { Mtu = 1500, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(Address("10.1.0.1"), 16)] },
                new NetworkInterface(3, "r0") { Mtu = serverMtu, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(Address("10.2.0.1"), 16)] },
            ],
            [],
            [
                new Route(Address("10.1.0.0"), 16, RouteKind.Unicast, 2),
                new Route(Address("10.2.0.0"), 16, RouteKind.Unicast, 3),
                new Route(Address("0.0.0.0"), 0, RouteKind.Unicast, 2, Gateway: Address("10.1.0.2")),
            ],
            [
                new Neighbour(2, IpAddress.FromIpv4(ClientAddress), ClientMac, NeighbourState.Reachable),
                .. Enumerable.Range(1, 4).Select(i => new Neighbour(3, IpAddress.FromIpv4(ServerAddress(i)), ServerMac(i), NeighbourState.Reachable)),
            ]);
        Core.Update(Network);
        Core.Own(true);
        Core.Tick(Now);
        _sent.Clear();
    }

    public ConnectionMemory Memory { get; }

    public ForwardingCore Core { get; }

    public EngineInterface[] Interfaces { get; set; }

    public NetworkView Network { get; }

    public NeighbourRequests Requests { get; } = new(() => { });

    public long Now { get; set; }

    public static uint Ip(string text) => IpAddress.Of(IPAddress.Parse(text)).Ipv4;

    public static IpAddress Address(string text) => IpAddress.FromIpv4(Ip(text));

    public static uint ServerAddress(int number) => Ip("10.2.0.10") + (uint)number;

    public static MacAddress ServerMac(int number) => new(0x020000000210 + (ulong)number);

    public static RealServer Server(int number, ushort port = 8080, int weight = 1, ForwardingMethod method = ForwardingMethod.Masquerade) =>
        new() { Address = IPAddress.Parse($"10.2.0.{10 + number}"), Port = port, Weight = weight, Forwarding = method };

    public static VirtualService Service(string key, string scheduler, params RealServer[] servers) =>
        new() { Key = ServiceKey.TryParse(key, out ServiceKey? parsed) ? parsed : throw new ArgumentException(key), Scheduler = scheduler, Servers = [.. servers] };

    public void Apply(params VirtualService[] services) =>
        Assert.Equal(_revision + 1, Core.Apply(new TableUpdate(_revision, ++_revision, true, services, [])));

    /// <summary>Puts a frame on the wire towards the director; what leaves in answer.</summary>
    public Sent[] Receive(int position, ReadOnlySpan<byte> ethernet, byte[]? offload = null)
    {
        byte[] wire = new byte[VirtioNetHeader.Length + ethernet.Length];
        offload?.CopyTo(wire, 0);
        ethernet.CopyTo(wire.AsSpan(VirtioNetHeader.Length));
        _sent.Clear();
        Core.BeginBatch(Now);
        Core.Process(new Frame(wire, Interfaces[position]));
        return [.. _sent];
    }

    public Sent[] Tick(long milliseconds)
    {
        _sent.Clear();
        Core.Tick(Now += milliseconds);
        return [.. _sent];
    }

    /// <summary>What leaves while this is done.</summary>
    public Sent[] During(Action action)
    {
        _sent.Clear();
        action();
        return [.. _sent];
    }

    public Sent[] Update(NetworkView network)
    {
        _sent.Clear();
        Core.Update(network);
        return [.. _sent];
    }

    /// <summary>Frames go to <paramref name="other"/> from now on.</summary>
    public void SendTo(IFrameOutput other) => _other = other;

    void IFrameOutput.Send(EngineInterface leaving, Span<byte> wire)
    {
        if (_other is not null)
            _other.Send(leaving, wire);
        else
            _sent.Add(new Sent(leaving.Position, wire.ToArray()));
    }

    Span<byte> IFrameOutput.Reserve(int length)
    {
        if (_other is not null)
            return _other.Reserve(length);
        byte[] wire = new byte[VirtioNetHeader.Length + length];
        wire.AsSpan(VirtioNetHeader.Length).Fill(0xA5);
        return wire;
    }
}

/// <summary>A frame that left, offload header and all.</summary>
internal sealed class Sent(int position, byte[] wire)
{
    public int Position { get; } = position;

    public byte[] Wire { get; } = wire;

    public Span<byte> Ethernet => Wire.AsSpan(VirtioNetHeader.Length);

    public EthernetHeader EthernetHeader => EthernetHeader.TryParse(Ethernet, out EthernetHeader header, out _) ? header : throw new InvalidOperationException();

    public Ipv4Header Ip => Ipv4Header.TryParse(EthernetHeader.Payload, out Ipv4Header header, out DropReason reason)
        ? header
        : throw new InvalidOperationException($"an unsound packet was sent: {reason}");
}
