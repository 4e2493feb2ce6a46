using System.Text;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>Templates, one-packet services and SIP allocate nothing, in whatever a packet or a tick brings about.</summary>
public sealed class PersistenceAllocationTests : BenchLife
{
    private readonly List<byte[]> _frames = [];
    private readonly byte[] _wire = new byte[2048];
    private readonly Discard _discard = new();

    // The addresses have been announced by then.
    public PersistenceAllocationTests() => Wait(2000);

    [Fact]
    public void Connections_made_by_templates_and_ended()
    {
        Have("-t 10.1.0.100:80", "-p 5 -M 255.255.255.0");
        for (ushort port = 1; port <= 100; port++)
        {
            Peer client = new($"10.1.{128 + (port % 9)}.1", port);
            _frames.Add(client.ToVirtual(Bench, TcpFlags.Syn, []));
            _frames.Add(client.ToVirtual(Bench, TcpFlags.Ack, []));
            _frames.Add(client.ToVirtual(Bench, TcpFlags.Rst | TcpFlags.Ack, []));
        }
        // Templates' time is up with connections still there, and after them.
        Assert.Equal(0, Allocations.Of(PlayAll));
        Assert.Equal(0u, Bench.Core.Connections.Count);
        Assert.True(Bench.Core.Statistics().Services[0].Statistics.Connections >= 600);
    }

    [Fact]
    public void Templates_made_invalid()
    {
        Have("-t 10.1.0.100:80", "-p 5");
        Do("sysctl -w net.ipv4.vs.expire_quiescent_template=1");
        for (ushort port = 1; port <= 4; port++)
        {
            for (ushort client = 1; client <= 50; client++)
                _frames.Add(new Peer($"10.1.128.{client}", port).ToVirtual(Bench, TcpFlags.Syn, []));
        }
        Service service = Bench.Core.Services.Services[0];
        Server[] servers = service.Servers.ToArray();
        RealServer[] willing = [.. servers.Select(server => server.Configuration)];
        RealServer[] quiescent = [.. willing.Select(server => server with { Weight = 0 })];
        uint invalid = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < servers.Length; i++)
            {
                service.EditServer(servers[i], quiescent[i]);
                Play(i * 50, 50);
                service.EditServer(servers[i], willing[i]);
            }
            invalid += Bench.Core.Connections.Count - (50 + 4 * 50);
            Wait();
        }));
        Assert.True(invalid > 6 * 30, $"{invalid} templates were made invalid");
        Assert.Equal(0u, Bench.Core.Connections.Count);
    }

    [Fact]
    public void Calls_and_packets_that_leave_nothing()
    {
        Have("-u 10.1.0.100:5060", "-p 5 --pe sip");
        Have("-u 10.1.0.100:53", "-o");
        Have("-u 10.1.0.100:54", "-o -p 5");
        for (ushort port = 1; port <= 100; port++)
        {
            Peer client = new("10.1.128.1", port, VirtualPort: 5060);
            _frames.Add(client.ToVirtual(Bench, null, Encoding.ASCII.GetBytes($"BYE sip:b SIP/2.0\r\nCSeq: 1\r\n BYE\r\nCall-ID: {port % 7}@c\r\n\r\n")));
            _frames.Add((client with { VirtualPort = 53 }).ToVirtual(Bench, null, [1]));
            _frames.Add((client with { VirtualPort = 54 }).ToVirtual(Bench, null, [1]));
        }
        Assert.Equal(0, Allocations.Of(PlayAll));
        Assert.True(Bench.Core.Counters.Forwarded >= 1800);
    }

    private void Have(string service, string options)
    {
        Do($"ipvsadm -A {service} -s rr {options}");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -a {service} -r 10.2.0.1{server}:80 -m");
    }

    private void PlayAll()
    {
        Play(0, _frames.Count);
        Wait();
    }

    private void Play(int from, int count)
    {
        Bench.SendTo(_discard);
        for (int i = from; i < from + count; i++)
        {
            Span<byte> wire = _wire.AsSpan(0, VirtioNetHeader.Length + _frames[i].Length);
            wire[..VirtioNetHeader.Length].Clear();
            _frames[i].CopyTo(wire[VirtioNetHeader.Length..]);
            Bench.Core.Process(new Frame(wire, Bench.Interfaces[Bench.Client]));
        }
    }

    // For the end of every connection and template.
    private void Wait()
    {
        for (int second = 0; second < 400; second++)
            Bench.Core.Tick(Bench.Now += 1000);
    }
}
