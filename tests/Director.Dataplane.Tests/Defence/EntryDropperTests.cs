using Director.Dataplane.Tests.Connections;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Defence;

/// <summary>Which connections drop_entry ends, and how many (IPVS: ip_vs_random_dropentry).</summary>
public sealed class EntryDropperTests : BenchLife
{
    private const int Connections = 640;

    public EntryDropperTests()
        : base(connections: 1024, TestTable.Hash)
    {
        Bench.Core.SetSettings(new Settings { DropEntry = 3 });
    }

    private ulong Ended => Bench.Core.Counters.EntriesDropped;

    [Fact]
    public void Each_second_a_thirty_second_of_what_is_half_open()
    {
        Have("-t 10.1.0.100:80");
        Each(client => Send(client, TcpFlags.Syn));
        Wait(32_000);
        // (1 - 1/32)^32 of them are left, by the way that chance has with this seed.
        Assert.InRange((int)Bench.Core.Connections.Count, 190, 290);
        Assert.Equal(Connections - (int)Ended, (int)Bench.Core.Connections.Count);
        Assert.Equal(Bench.Core.Connections.Count, StatusOf(1).ActiveConnections);
    }

    [Theory]
    // Packets of the client, seconds that nothing comes, whether any is ended.
    [InlineData(2, 55, false)]
    [InlineData(2, 75, true)]
    [InlineData(8, 75, true)]
    [InlineData(9, 75, false)]
    public void Of_established_ones_those_that_said_little_and_are_quiet(int packets, int seconds, bool ended)
    {
        Have("-t 10.1.0.100:80");
        Each(client =>
        {
            Open(client);
            for (int i = 2; i < packets; i++)
                Send(client, TcpFlags.Ack);
        });
        Wait(seconds * 1000);
        Assert.Equal(ended, Ended > 0);
        // Of many packets fewer are ended.
        Assert.True(Ended < (ulong)(Connections / packets));
        Assert.Equal(Connections - (int)Ended, (int)StatusOf(1).ActiveConnections);
    }

    [Fact]
    public void Of_datagrams_those_that_are_quiet()
    {
        Have("-u 10.1.0.100:53");
        Each(client => Send(client with { VirtualPort = 53 }, null, 1));
        Wait(55_000);
        Assert.Equal(0ul, Ended);
        Wait(20_000);
        Assert.InRange(Ended, 100ul, 400ul);
    }

    [Fact]
    public void A_connection_takes_its_template_along_if_that_proved_nothing()
    {
        Have("-t 10.1.0.100:80 -p 600");
        for (int i = 1; i <= 200; i++)
            Send(new Peer($"10.1.{128 + (i / 250)}.{i % 250}", 1), TcpFlags.Syn);
        Peer proved = new("10.1.140.1", 1);
        Open(proved);
        Send(proved with { Port = 2 }, TcpFlags.Syn);
        Wait(59_000);
        Assert.True(Ended > 200);
        Assert.Equal(400 + 3 - (int)Ended, (int)Bench.Core.Connections.Count);
        // Both or none.
        Assert.All(Listed().Where(each => each.Client.ToString() != proved.Address).GroupBy(each => each.Client), each => Assert.Equal(2, each.Count()));
        Assert.Contains(Listed(), each => each.Client.ToString() == proved.Address && each.State == "ASSURED");
    }

    [Fact]
    public void With_drop_entry_off_nothing_is_ended()
    {
        Bench.Core.SetSettings(new Settings { DropEntry = 0, DropPacket = 3, SecureTcp = 3 });
        Have("-t 10.1.0.100:80");
        for (int i = 1; i <= 1500; i++)
            Bench.Receive(Bench.Client, new Peer("10.1.128.1", (ushort)i).ToVirtual(Bench, TcpFlags.Syn, []));
        Wait(10_000);
        Assert.Equal(0ul, Ended);
        Assert.Equal(0u, Bench.Core.Connections.Available);
    }

    [Fact]
    public void Dropping_allocates_nothing()
    {
        Have("-t 10.1.0.100:80 -p 5");
        byte[][] frames = [.. Enumerable.Range(1, 3000).Select(i => new Peer($"10.1.{128 + (i / 250)}.{i % 250}", (ushort)i).ToVirtual(Bench, TcpFlags.Syn, []))];
        byte[] wire = new byte[2048];
        Wait(2000);
        Bench.SendTo(new Discard());
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < frames.Length; i++)
            {
                wire.AsSpan(0, VirtioNetHeader.Length).Clear();
                frames[i].CopyTo(wire, VirtioNetHeader.Length);
                Bench.Core.Process(new Dataplane.Pipeline.Frame(wire.AsSpan(0, VirtioNetHeader.Length + frames[i].Length), Bench.Interfaces[Bench.Client]));
                if (i % 100 == 0)
                    Bench.Core.Tick(Bench.Now += 100);
            }
        }));
        Assert.True(Ended > 1000);
    }

    private void Have(string service)
    {
        Do($"ipvsadm -A {service} -s rr");
        string key = string.Join(' ', service.Split(' ')[..2]);
        Do($"ipvsadm -a {key} -r 10.2.0.11 -m");
    }

    private static void Each(Action<Peer> open)
    {
        for (int i = 1; i <= Connections; i++)
            open(new Peer($"10.1.{128 + (i / 250)}.{i % 250}", (ushort)i));
    }
}
