using Director.Dataplane.Connections;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>The whole pipeline between two endpoints: their segments travel in frames, to the VIP and from the local address.</summary>
internal sealed class PipelineRelay : IBetween
{
    private readonly FullNatBench _bench;
    private readonly FlowKey _flow;
    private readonly Action<byte[]> _toServer;
    private readonly Action<byte[]> _toClient;
    private ushort _localPort;

    public PipelineRelay(ClientAddress how, FlowKey flow, Action<byte[]> toServer, Action<byte[]> toClient)
    {
        _flow = flow;
        _toServer = toServer;
        _toClient = toClient;
        _bench = new FullNatBench(flow.IsIpv4);
        // A SYN that comes late is none of a new client's here.
        _bench.Core.SetSettings(Settings.Default with { ConnReuseMode = 0 });
        _bench.Apply("tcp", _bench.Server(1) with { ClientAddress = how });
    }

    public bool Owed => (_bench.Core.Connections[_bench.Core.Connections.Find(_flow)].Flags & ConnectionFlags.AddressOwed) != 0;

    public void FromClient(byte[] segment) => Deliver(_bench.FromClient(_flow.SourcePort, segment));

    public void FromServer(byte[] segment) => Deliver(_bench.FromServer(1, _bench.Local(0), _localPort, segment));

    private void Deliver(SentPacket[] sent)
    {
        foreach (SentPacket packet in sent)
        {
            byte[] segment = [.. packet.Payload];
            TcpHeader tcp = TcpSegment.Read(segment);
            Assert.True(packet.ChecksumIsRight);
            if (packet.Destination == _flow.Source)
            {
                Assert.Equal((_flow.Destination, (ushort)80, _flow.SourcePort), (packet.Source, tcp.SourcePort, tcp.DestinationPort));
                _toClient(TcpSegment.Sum(segment));
                continue;
            }
            _localPort = tcp.SourcePort;
            Assert.Equal((_bench.Local(0), _bench.ServerAddress(1), FullNatBench.ServerPort), (packet.Source, packet.Destination, tcp.DestinationPort));
            _toServer(TcpSegment.Sum(segment));
        }
    }
}
