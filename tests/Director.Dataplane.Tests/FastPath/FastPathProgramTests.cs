using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FastPath;

/// <summary>The loaded program against the pipeline: what it forwards is, byte for byte, what the pipeline would have sent.</summary>
public sealed class FastPathProgramTests : IDisposable
{
    private readonly FastBench _fast = new();

    private Bench Bench => _fast.Bench;

    public void Dispose() => _fast.Dispose();

    [Theory]
    [InlineData(ForwardingMethod.Masquerade, 8080)]
    [InlineData(ForwardingMethod.Masquerade, 80)]
    [InlineData(ForwardingMethod.DirectRoute, 80)]
    public void An_established_tcp_connection_goes_as_the_pipeline_would_send_it(ForwardingMethod method, ushort port)
    {
        Bench.Apply(Bench.Service("tcp 10.1.0.100:80", "rr", Bench.Server(1, port, method: method)));
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Syn));
        if (method == ForwardingMethod.Masquerade)
            _fast.Receive(Bench.ServerSide, FromServer(port, TcpFlags.Syn | TcpFlags.Ack));
        _fast.Receive(Bench.Client, FromClient(TcpFlags.Ack));
        foreach (string payload in (string[])["", "x", "GET / HTTP/1.1"])
        {
            Agrees(Bench.Client, FromClient(TcpFlags.Ack | TcpFlags.Psh, payload));
            if (method != ForwardingMethod.Masquerade)
                continue;
            _fast.Receive(Bench.ServerSide, FromServer(port, TcpFlags.Ack));
            Agrees(Bench.ServerSide, FromServer(port, TcpFlags.Ack | TcpFlags.Psh, payload));
        }
    }

    private byte[] FromClient(TcpFlags flags, string payload = "", byte ttl = 64) =>
        Frames.Tcp(Bench.Interfaces[Bench.Client].AnswerMac, Bench.ClientMac, Bench.ClientAddress, 40001, Bench.Vip, 80, flags, payload, ttl);

    private byte[] FromServer(ushort port, TcpFlags flags, string payload = "") =>
        Frames.Tcp(
            Bench.Interfaces[Bench.ServerSide].AnswerMac, Bench.ServerMac(1), Bench.ServerAddress(1), port, Bench.ClientAddress, 40001, flags, payload);

    private void Agrees(int position, byte[] frame)
    {
        (uint answer, byte[] forwarded) = _fast.Run(position, frame);
        Sent expected = Assert.Single(_fast.Receive(position, frame));
        Assert.Equal(FastBench.Redirected, answer);
        Assert.Equal(Convert.ToHexString(expected.Ethernet), Convert.ToHexString(forwarded));
    }
}
