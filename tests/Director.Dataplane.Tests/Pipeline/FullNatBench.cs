using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Control;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// A director with local addresses on a bench, in either family: client and VIP on one segment (10.1.0.2 and 10.1.0.100, or
/// fd00:1::2 and fd00:1::100), servers 11.. and local addresses 200.. on the other. Segments go in and packets come out.
/// </summary>
internal sealed class FullNatBench : IFrameOutput
{
    public const ushort ServerPort = 8080;

    public static readonly MacAddress ClientMac = new(0x020000000102);

    private readonly List<SentPacket> _sent = [];
    private readonly bool _ipv4;
    private ulong _revision;
    private IFrameOutput? _other;

    public FullNatBench(bool ipv4, int locals = 1, ConnectionMemory? memory = null)
    {
        _ipv4 = ipv4;
        Memory = memory ?? ConnectionMemory.Create(SharedMemory.Private(ConnectionMemory.SizeFor(1024)), 1024);
        Interfaces =
        [
            new EngineInterface(0, "c0", 2, new MacAddress(0x020000000101), MacAddress.Virtual(0, 1)),
            new EngineInterface(1, "r0", 3, new MacAddress(0x020000000201), MacAddress.Virtual(1, 1)),
        ];
        Core = new ForwardingCore(Memory, this, new NeighbourRequests(() => { }), Now);
        Core.BeginBatch(Now);
        Configure(locals);
        byte prefix = ipv4 ? (byte)16 : (byte)64;
        Core.Update(new NetworkView(
            [
                new NetworkInterface(2, "c0") { Mtu = 1500, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(ClientSide(1), prefix)] },
                new NetworkInterface(3, "r0") { Mtu = 1500, IsUp = true, HasCarrier = true, Addresses = [new InterfaceAddress(ServerSide(1), prefix)] },
            ],
            [],
            [new Route(ClientSide(0), prefix, RouteKind.Unicast, 2), new Route(ServerSide(0), prefix, RouteKind.Unicast, 3)],
            [
                new Neighbour(2, Client, ClientMac, NeighbourState.Reachable),
                new Neighbour(3, ClientAmongServers, ServerMac(40), NeighbourState.Reachable),
                .. Enumerable.Range(1, 3).Select(i => new Neighbour(3, ServerAddress(i), ServerMac(i), NeighbourState.Reachable)),
            ]));
        Core.Own(true);
        Core.Tick(Now);
    }

    public ConnectionMemory Memory { get; }

    public ForwardingCore Core { get; }

    public EngineInterface[] Interfaces { get; }

    public long Now { get; private set; } = 1_000_000;

    public IpAddress Client => ClientSide(2);

    /// <summary>In the servers' subnet: its answers would go past a director that only masquerades.</summary>
    public IpAddress ClientAmongServers => ServerSide(50);

    public IpAddress Vip => ClientSide(_ipv4 ? 100 : 0x100u);

    public IpAddress Local(int number) => ServerSide((_ipv4 ? 200 : 0x200u) + (uint)number);

    public IpAddress ServerAddress(int number) => ServerSide((_ipv4 ? 10 : 0x10u) + (uint)number);

    public static MacAddress ServerMac(int number) => new(0x020000000210 + (ulong)number);

    public RealServer Server(int number) =>
        new() { Address = ServerAddress(number).ToIPAddress(), Port = ServerPort, Forwarding = ForwardingMethod.FullNat };

    public void Configure(int locals) => Core.Configure(
        new EngineConfiguration { Interfaces = ["c0", "r0"], LocalAddresses = [.. Enumerable.Range(0, locals).Select(i => Local(i).ToIPAddress())] }, Interfaces);

    /// <summary>A service at the VIP's port 80.</summary>
    public void Apply(string protocol, params RealServer[] servers) => ApplyAt($"{protocol} {Endpoints.Format(Vip.ToIPAddress(), 80)}", servers);

    public void ApplyAt(string key, params RealServer[] servers) => Apply(new VirtualService
    {
        Key = ServiceKey.TryParse(key, out ServiceKey? parsed) ? parsed : throw new ArgumentException(key),
        Scheduler = "rr",
        Servers = [.. servers],
    });

    public void Apply(params VirtualService[] services) =>
        Assert.Equal(_revision + 1, Core.Apply(new TableUpdate(_revision, ++_revision, true, services, [])));

    public SentPacket[] FromClient(ushort port, ReadOnlySpan<byte> segment, byte protocol = IpProtocol.Tcp, byte[]? offload = null) =>
        Receive(0, Client, port, Vip, 80, segment, protocol, offload);

    public SentPacket[] FromServer(int server, IpAddress local, ushort localPort, ReadOnlySpan<byte> segment, byte protocol = IpProtocol.Tcp) =>
        Receive(1, ServerAddress(server), ServerPort, local, localPort, segment, protocol);

    /// <summary>A segment with these ends, whatever ports and checksum it has; what leaves for it.</summary>
    public SentPacket[] Receive(
        int position, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, ReadOnlySpan<byte> segment, byte protocol,
        byte[]? offload = null) =>
        ReceiveWire(position, Wire(position, source, sourcePort, destination, destinationPort, segment, protocol, offload));

    public SentPacket[] ReceiveIp(int position, IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> payload) =>
        ReceiveWire(position, Wire(position, source, destination, protocol, payload, null));

    public SentPacket[] ReceiveWire(int position, byte[] wire)
    {
        _sent.Clear();
        Core.BeginBatch(Now);
        Core.Process(new Frame(wire, Interfaces[position]));
        return [.. _sent];
    }

    /// <summary>A segment with these ends as a frame, offload header and all.</summary>
    public byte[] Wire(
        int position, IpAddress source, ushort sourcePort, IpAddress destination, ushort destinationPort, ReadOnlySpan<byte> segment, byte protocol,
        byte[]? offload = null)
    {
        byte[] payload = [.. segment];
        BinaryPrimitives.WriteUInt16BigEndian(payload, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(payload.AsSpan(2), destinationPort);
        Span<byte> checksum = payload.AsSpan(protocol == IpProtocol.Tcp ? 16 : 6, 2);
        checksum.Clear();
        // Left to the card, only the pseudo-header is summed up.
        ushort sum = offload is null
            ? Checksum.Transport(source, destination, protocol, payload)
            : (ushort)~Checksum.Compute([], Checksum.PseudoHeader(source, destination, protocol, payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(checksum, sum);
        return Wire(position, source, destination, protocol, payload, offload);
    }

    /// <summary>The offload header of an IPv4 super-frame.</summary>
    public static byte[] SuperFrame(ushort segmentSize)
    {
        byte[] offload = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = VirtioNetGso.TcpV4,
            GsoSize = segmentSize,
            HeaderLength = 54,
            ChecksumStart = 34,
            ChecksumOffset = 16,
        };
        return offload;
    }

    private byte[] Wire(int position, IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> payload, byte[]? offload)
    {
        int header = _ipv4 ? Ipv4Header.MinimumLength : Ipv6Header.MinimumLength;
        byte[] wire = new byte[VirtioNetHeader.Length + EthernetHeader.Length + header + payload.Length];
        offload?.CopyTo(wire, 0);
        Span<byte> ethernet = wire.AsSpan(VirtioNetHeader.Length);
        EthernetHeader.Write(ethernet, Interfaces[position].AnswerMac, position == 0 ? ClientMac : ServerMac(1), _ipv4 ? EtherType.Ipv4 : EtherType.Ipv6);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        if (_ipv4)
            Ipv4Header.Write(ip, header + payload.Length, protocol, source.Ipv4, destination.Ipv4);
        else
            Ipv6Header.Write(ip, header + payload.Length, protocol, source, destination);
        payload.CopyTo(ip[header..]);
        return wire;
    }

    public void Tick(long milliseconds) => Core.Tick(Now += milliseconds);

    /// <summary>Frames go to <paramref name="other"/> from now on.</summary>
    public void SendTo(IFrameOutput other) => _other = other;

    void IFrameOutput.Send(EngineInterface leaving, Span<byte> wire)
    {
        if (_other is not null)
            _other.Send(leaving, wire);
        else
            _sent.Add(new SentPacket(leaving.Position, wire.ToArray()));
    }

    Span<byte> IFrameOutput.Reserve(int length)
    {
        if (_other is not null)
            return _other.Reserve(length);
        byte[] wire = new byte[VirtioNetHeader.Length + length];
        wire.AsSpan(VirtioNetHeader.Length).Fill(0xA5);
        return wire;
    }

    private IpAddress ClientSide(uint host) => _ipv4 ? IpAddress.FromIpv4(0x0A010000 | host) : new IpAddress(0xFD00_0001_0000_0000, host);

    private IpAddress ServerSide(uint host) => _ipv4 ? IpAddress.FromIpv4(0x0A020000 | host) : new IpAddress(0xFD00_0002_0000_0000, host);
}

/// <summary>A packet that left, of either family.</summary>
internal sealed class SentPacket(int position, byte[] wire)
{
    public int Position { get; } = position;

    public byte[] Offload => wire[..VirtioNetHeader.Length];

    public IpAddress Source => Ip.Source;

    public IpAddress Destination => Ip.Destination;

    public byte TimeToLive => Ip.TimeToLive;

    public MacAddress To => Ethernet.Destination;

    public byte[] Payload => Ip.Payload.ToArray();

    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(Ip.Payload);

    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(Ip.Payload[2..]);

    public TcpHeader Tcp => TcpHeader.TryParse(Ip.Payload, out TcpHeader tcp, out _) ? tcp : throw new InvalidOperationException();

    /// <summary>Of the whole TCP, UDP or ICMPv6 message.</summary>
    public bool ChecksumIsRight =>
        Checksum.Compute(Ip.Payload, Ip.Protocol == IpProtocol.Icmp ? 0 : Checksum.PseudoHeader(Ip.Source, Ip.Destination, Ip.Protocol, Ip.Payload.Length)) == 0;

    public IpHeader Ip => IpHeader.TryParse(Ethernet.EtherType, Ethernet.Payload, out IpHeader header, out DropReason reason)
        ? header
        : throw new InvalidOperationException($"an unsound packet was sent: {reason}");

    private EthernetHeader Ethernet => EthernetHeader.TryParse(wire.AsSpan(VirtioNetHeader.Length), out EthernetHeader header, out _)
        ? header
        : throw new InvalidOperationException();
}
