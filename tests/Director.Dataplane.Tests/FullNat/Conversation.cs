using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>One connection of two endpoints through a relay, over four channels, drawn from a seed.</summary>
internal sealed class Conversation
{
    private const int MostSteps = 200_000;

    private readonly Random _random;
    private readonly Channel[] _channels;

    public Conversation(ClientAddress how, int seed, bool perfect = false)
    {
        _random = new Random(seed);
        Introduction = _random.Next(2) == 0
            ? new Introduction(IpAddress.FromIpv4(0x0A010002), 40001, IpAddress.FromIpv4(0x0A010064), 80)
            : new Introduction(new IpAddress(0xFD00_0000_0000_0000, 2), 40001, new IpAddress(0xFD00_0000_0000_0000, 100), 443);
        Header = how == ClientAddress.ProxyProtocol ? new byte[ProxyHeader.LengthFor(Introduction.Client)] : [];
        if (Header.Length > 0)
            ProxyHeader.Write(Header, Introduction.Client, Introduction.ClientPort, Introduction.Virtual, Introduction.VirtualPort);
        _channels = [.. Enumerable.Range(0, 4).Select(_ => perfect
            ? new Channel(_random, 0, 0, 1)
            : new Channel(_random, _random.Next(25), _random.Next(20), 1 + _random.Next(30)))];

        // 0: the client speaks first, 1: the server does, once it has the header, 2: both at once.
        int order = _random.Next(3);
        ServerSettings = Draw();
        ClientSettings = Draw() with
        {
            ListensFor = order == 1 ? Math.Min(1, ServerSettings.Sends.Length) : 0,
            DataOnSyn = _random.Next(5) == 0,
            Probes = _random.Next(3) == 0,
        };
        ServerSettings = ServerSettings with
        {
            ListensFor = order switch { 0 => Header.Length + ClientSettings.Sends.Length, 1 => Header.Length, _ => 0 },
            // A client that waits repeats nothing, and so we cannot: there the header has to fit into the first window.
            Buffer = order == 1 ? Math.Max(ServerSettings.Buffer, Header.Length) : ServerSettings.Buffer,
        };
        Client = new Endpoint(ClientSettings, _random, _channels[0].Send);
        Server = new Endpoint(ServerSettings, _random, _channels[2].Send);
        Relay = new Relay(how, Introduction, _channels[1].Send, _channels[3].Send);
    }

    public Introduction Introduction { get; }

    public byte[] Header { get; }

    public EndpointSettings ClientSettings { get; }

    public EndpointSettings ServerSettings { get; }

    public Endpoint Client { get; }

    public Endpoint Server { get; }

    public Relay Relay { get; }

    public int Steps { get; private set; }

    public bool IsOver => Client.HasEnded && Server.HasEnded && Client.PeerHasEnded && Server.PeerHasEnded;

    /// <summary>Until <paramref name="until"/> holds. False: it never did.</summary>
    public bool Run(Func<bool> until)
    {
        for (; Steps < MostSteps; Steps++)
        {
            if (until())
                return true;
            Step();
        }
        return false;
    }

    public void Start()
    {
        Server.Listen();
        Client.Connect();
    }

    private void Step()
    {
        foreach (Channel channel in _channels)
            channel.Now = Steps;
        Client.Step(Steps);
        Server.Step(Steps);
        Deliver(_channels[0], Relay.FromClient);
        Deliver(_channels[1], Server.Receive);
        Deliver(_channels[2], Relay.FromServer);
        Deliver(_channels[3], Client.Receive);
    }

    private static void Deliver(Channel channel, Action<byte[]> to)
    {
        while (channel.TryArrive(out byte[] segment))
            to(segment);
    }

    private EndpointSettings Draw()
    {
        byte[] sends = new byte[_random.Next(4) == 0 ? 0 : _random.Next(2000)];
        _random.NextBytes(sends);
        return new EndpointSettings
        {
            // Often just before the numbers go round.
            InitialSequence = _random.Next(2) == 0 ? (uint)_random.NextInt64(1L << 32) : uint.MaxValue - (uint)_random.Next(100),
            Sends = sends,
            MaximumSegment = 1 + _random.Next(536),
            Buffer = _random.Next(3) == 0 ? 1 + _random.Next(60) : 500 + _random.Next(4000),
            ReadsFrom = _random.Next(4) == 0 ? _random.Next(400) : 0,
            Timestamps = _random.Next(2) == 0,
            SelectiveAcknowledgment = _random.Next(2) == 0,
        };
    }
}
