using Director.Dataplane.Connections;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FastPath;

/// <summary>
/// Frames that are almost in order, through the loaded program and through the pipeline: whatever the program forwards, the pipeline
/// forwards too, as the same bytes; and both have counted the same.
/// </summary>
public sealed class FastPathFuzzTests : IDisposable
{
    private const int Rounds = 20_000;
    private const int ShortestForTestRun = 34; // Ethernet and IP
    private const ushort ClientPort = 40001;

    private readonly FastBench _fast = new(serverMtu: 1400);
    private readonly List<(int Position, byte[] Frame)> _ordinary = [];

    private Bench Bench => _fast.Bench;

    public void Dispose() => _fast.Dispose();

    [Theory]
    [InlineData(ForwardingMethod.Masquerade, 1)]
    [InlineData(ForwardingMethod.DirectRoute, 2)]
    public void What_the_program_forwards_the_pipeline_forwards_as_the_same_bytes(ForwardingMethod method, int seed)
    {
        Random random = new(seed);
        Bench.Apply(
            Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, 80, method: method)),
            Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(2, method == ForwardingMethod.Masquerade ? (ushort)5353 : (ushort)53, method: method)));
        Describe(method == ForwardingMethod.Masquerade);
        int forwarded = 0;
        for (int round = 0; round < Rounds; round++)
        {
            Establish(method == ForwardingMethod.Masquerade);
            (int position, byte[] ordinary) = _ordinary[random.Next(_ordinary.Count)];
            byte[] frame = Mutate(ordinary, random);
            (uint answer, byte[] output) = _fast.Run(position, (byte[])frame.Clone());
            Statistics before = Total();
            Sent[] sent = _fast.Receive(position, frame);
            if (answer != FastBench.Redirected)
            {
                Assert.Equal(FastBench.Passed, answer);
                continue;
            }
            forwarded++;
            string context = $"round {round}, {Convert.ToHexString(frame)}";
            Assert.True(sent.Length == 1, $"the pipeline sent {sent.Length} frames: {context}");
            Assert.True(sent[0].Ethernet.SequenceEqual(output), $"{Convert.ToHexString(sent[0].Ethernet)} by the pipeline, {Convert.ToHexString(output)} by the program: {context}");
            Statistics after = Total();
            Assert.Equal((before.InPackets + before.OutPackets + 1, before.Connections), (after.InPackets + after.OutPackets, after.Connections));
        }
        // Not one in five is so odd that nothing is left to compare.
        Assert.InRange(forwarded, Rounds / 5, Rounds);
    }

    private Statistics Total()
    {
        Statistics total = new();
        foreach (Statistics one in Bench.Core.Statistics().Services.Select(each => each.Statistics))
        {
            total = total with { Connections = total.Connections + one.Connections, InPackets = total.InPackets + one.InPackets, OutPackets = total.OutPackets + one.OutPackets };
        }
        return total;
    }

    private void Describe(bool answers)
    {
        MacAddress client = Bench.Interfaces[Bench.Client].AnswerMac, server = Bench.Interfaces[Bench.ServerSide].AnswerMac;
        string large = new('x', 1380);
        foreach (string payload in (string[])["", "GET / HTTP/1.1", large])
        {
            _ordinary.Add((Bench.Client, Frames.Tcp(client, Bench.ClientMac, Bench.ClientAddress, ClientPort, Bench.Vip, 80, TcpFlags.Ack, payload)));
            if (answers)
                _ordinary.Add((Bench.ServerSide, Frames.Tcp(server, Bench.ServerMac(1), Bench.ServerAddress(1), 80, Bench.ClientAddress, ClientPort, TcpFlags.Ack, payload)));
        }
        foreach (int length in (int[])[0, 18, 1000, 1390])
        {
            _ordinary.Add((Bench.Client, Frames.Udp(client, Bench.ClientMac, Bench.ClientAddress, ClientPort, Bench.Vip, 53, length)));
            if (answers)
                _ordinary.Add((Bench.ServerSide, Frames.Udp(server, Bench.ServerMac(2), Bench.ServerAddress(2), 5353, Bench.ClientAddress, ClientPort, length)));
        }
    }

    // Until every ordinary frame would be the program's.
    private void Establish(bool answers)
    {
        for (int tries = 0; tries < 4 && !IsFast(answers); tries++)
        {
            MacAddress client = Bench.Interfaces[Bench.Client].AnswerMac, server = Bench.Interfaces[Bench.ServerSide].AnswerMac;
            _fast.Receive(Bench.Client, Frames.Tcp(client, Bench.ClientMac, Bench.ClientAddress, ClientPort, Bench.Vip, 80, TcpFlags.Syn));
            if (answers)
                _fast.Receive(Bench.ServerSide, Frames.Tcp(server, Bench.ServerMac(1), Bench.ServerAddress(1), 80, Bench.ClientAddress, ClientPort, TcpFlags.Syn | TcpFlags.Ack));
            foreach ((int position, byte[] frame) in _ordinary)
                _fast.Receive(position, (byte[])frame.Clone());
        }
        Assert.True(IsFast(answers));
    }

    private bool IsFast(bool answers)
    {
        ConnectionFlags wanted = answers ? ConnectionFlags.FastIn | ConnectionFlags.FastOut : ConnectionFlags.FastIn;
        uint tcp = Bench.Core.Connections.Find(new FlowKey(IpProtocol.Tcp, Bench.ClientAddress, ClientPort, Bench.Vip, 80));
        uint udp = Bench.Core.Connections.Find(new FlowKey(IpProtocol.Udp, Bench.ClientAddress, ClientPort, Bench.Vip, 53));
        return tcp != 0 && udp != 0
            && (Bench.Core.Connections[tcp].Flags & Bench.Core.Connections[udp].Flags & wanted) == wanted;
    }

    private static byte[] Mutate(byte[] ordinary, Random random)
    {
        byte[] frame = (byte[])ordinary.Clone();
        int headers = Math.Min(frame.Length, 60);
        switch (random.Next(8))
        {
            case 0:
                break;
            case 1:
                Array.Resize(ref frame, frame.Length + random.Next(1, 40)); // padded
                break;
            case 2:
                Array.Resize(ref frame, random.Next(ShortestForTestRun, frame.Length + 1));
                break;
            case 3:
                frame[random.Next(headers)] = (byte)random.Next(256);
                break;
            case 4:
                frame[random.Next(headers)] ^= (byte)(1 << random.Next(8));
                break;
            case 5:
                frame[22] = (byte)random.Next(4); // TTL
                break;
            case 6:
                random.NextBytes(frame.AsSpan(random.Next(40, frame.Length)..)); // behind the ports: flags, sums, payload
                break;
            default:
                frame[24] ^= (byte)random.Next(256); // a wrong header checksum
                frame[random.Next(24, headers)] ^= (byte)random.Next(256);
                break;
        }
        return frame;
    }
}
