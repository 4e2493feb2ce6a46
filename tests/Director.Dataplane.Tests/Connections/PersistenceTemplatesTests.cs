using System.Net;
using System.Text;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class PersistenceTemplatesTests : IDisposable
{
    private static readonly FlowKey Clients = new(6, 0x0A018000, 0, TestTable.Vip, 80);

    private static readonly FlowKey Clients6 = new(
        6, IpAddress.Of(IPAddress.Parse("fd00:8::")), 0, IpAddress.Of(IPAddress.Parse("fd00:1::100")), 80);

    private readonly TestTable _test = new();

    private PersistenceTemplates Templates => _test.Table.Templates;

    public void Dispose() => _test.Dispose();

    [Fact]
    public void No_packet_finds_a_template_and_no_template_is_a_connection()
    {
        uint template = Create(Clients);
        Assert.Equal(template, Templates.Find(Clients, []));
        // A packet may well come from port 0.
        Assert.Equal(0u, _test.Table.Find(Clients));
        Assert.Equal(0u, _test.Table.FindReply(TestTable.Reply(Clients)));
        uint connection = _test.Table.Create(Clients, _test.Slot2, 80, ForwardingMethod.Masquerade, _test.Now);
        Assert.Equal((connection, template), (_test.Table.Find(Clients), Templates.Find(Clients, [])));
        _test.Table.Remove(connection);
        Assert.Equal((0u, template), (_test.Table.Find(Clients), Templates.Find(Clients, [])));
    }

    [Fact]
    public void Families_protocols_and_ports_are_told_apart()
    {
        FlowKey[] all =
        [
            Clients, Clients with { Protocol = 17 }, Clients with { DestinationPort = 81 }, Clients with { DestinationPort = 0 }, Clients6,
            Clients6 with { DestinationPort = 0 }, Clients6 with { Source = IpAddress.Of(IPAddress.Parse("fd00:8:0:1::")) },
            new(0, IpAddress.FromIpv4(0x0A018000), 0, IpAddress.FromIpv4(1), 0), new(0, Clients6.Source, 0, new IpAddress(1UL << 32, 0), 0),
        ];
        uint[] made = [.. all.Select(clients => Create(clients))];
        Assert.Equal(made, all.Select(clients => Templates.Find(clients, [])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_of_an_engine_are_told_apart(bool oneBucketForAll)
    {
        using TestTable test = new(hash: oneBucketForAll ? TestTable.Constant : null);
        string[] calls = ["a", "b", "aa", "a\0", "12345678", "123456789", "1234567", new('x', 255), new('x', 254), new string('x', 254) + "y", ""];
        uint[] made = [.. calls.Select(call => test.Table.Templates.Create(Clients, test.Slot1, 80, ForwardingMethod.Masquerade, 60, Encoding.ASCII.GetBytes(call), test.Now))];
        Assert.Equal(made, calls.Select(call => test.Table.Templates.Find(Clients, Encoding.ASCII.GetBytes(call))));
        Assert.Equal(0u, test.Table.Templates.Find(Clients, "c"u8));

        test.Restart();
        Assert.Equal(made, calls.Select(call => test.Table.Templates.Find(Clients, Encoding.ASCII.GetBytes(call))));
        foreach (uint template in made)
            test.Table.Remove(template);
        Assert.All(calls, call => Assert.Equal(0u, test.Table.Templates.Find(Clients, Encoding.ASCII.GetBytes(call))));
        Assert.Equal(0u, test.Table.Count);
    }

    [Fact]
    public void Connections_hold_their_template_and_let_go_of_it()
    {
        uint template = Create(Clients);
        Assert.False(Templates.IsInUse(template));
        uint first = Made(1, template), second = Made(2, template), other = _test.Create(3);
        Assert.Equal((template, template, 0u), (Templates.Of(first), Templates.Of(second), Templates.Of(other)));
        _test.Table.Remove(first);
        Assert.True(Templates.IsInUse(template));
        Assert.False(Templates.IsInUse(second));
        _test.Table.Remove(second);
        Assert.False(Templates.IsInUse(template));
        // The number is used again, by a connection that has no template.
        Assert.Equal(0u, Templates.Of(first));
    }

    [Fact]
    public void A_record_that_held_a_connection_of_a_template_holds_another_without()
    {
        using TestTable test = new(limit: 64);
        uint template = test.Table.Templates.Create(Clients6, test.Slot1, 80, ForwardingMethod.Masquerade, 60, [], test.Now);
        uint connection = test.Create(1);
        test.Table.Templates.Bind(connection, template, test.Now);
        test.Table.Templates.Invalidate(template);
        test.Table.Remove(connection);
        test.Table.Remove(template);
        for (int client = 1; client <= 63; client++)
            Assert.Equal(0u, test.Table.Templates.Of(test.Create(client)));
        Assert.Equal(Enumerable.Range(1, 63).Select(client => TestTable.Flow(client)), Enumerable.Range(1, 63).Select(client => test.Table.At(test.Table.Find(TestTable.Flow(client))).Flow));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_invalid_template_is_never_found_but_listed_and_lives_its_time(bool ipv6)
    {
        FlowKey clients = ipv6 ? Clients6 : Clients;
        uint template = Create(clients);
        Templates.Invalidate(template);
        Assert.Equal(0u, Templates.Find(clients, []));
        Assert.Equal(0u, Templates.Find(clients with { DestinationPort = 0xFFFF }, []));
        uint next = Create(clients);
        Assert.Equal(next, Templates.Find(clients, []));

        _test.Restart();
        Assert.Equal(next, Templates.Find(clients, []));
        Assert.Equal(0u, Templates.Find(clients with { DestinationPort = 0xFFFF }, []));
        ConnectionEntry[] entries = new ConnectionEntry[8];
        uint cursor = 0;
        Assert.Equal(2, ConnectionListing.Read(_test.Table, ref cursor, entries, _test.Now));
        Assert.Equal((0, 0xFFFF, 0xFFFF, clients.Source.ToIPAddress()), (entries[0].ClientPort, entries[0].VirtualPort, entries[0].ServerPort, entries[0].Client));
        _test.Pass(61);
        _test.Expire();
        Assert.Equal(0u, _test.Table.Count);
    }

    [Fact]
    public void A_connection_that_names_a_template_which_is_none_is_free_of_it_after_a_restart()
    {
        uint template = Create(Clients);
        uint connection = Made(1, template);
        // As if the engine had been killed while it wrote the template.
        _test.Table[template].Generation |= 1;
        _test.Restart();
        Assert.Equal((0u, 0u), (Templates.Of(connection), Templates.Find(Clients, [])));
        _test.Table.Remove(connection);
        Assert.Equal(0u, _test.Table.Count);
    }

    [Fact]
    public void A_listing_beside_a_busy_table_never_mixes_two_calls()
    {
        using TestTable test = new(64);
        ConnectionEntry[] entries = new ConnectionEntry[64];
        int torn = 0;
        int read = Rounds.Beside(50_000, Write, Read);
        Assert.Equal(0, torn);
        Assert.True(read > 0);

        void Write(int round)
        {
            // The client's address is the length of the call, and the call one letter all along.
            int length = 1 + (round % 200);
            byte[] call = new byte[length];
            Array.Fill(call, (byte)('a' + (length % 26)));
            uint template = test.Table.Templates.Create(
                Clients with { Source = IpAddress.FromIpv4((uint)length) }, test.Slot1, 80, ForwardingMethod.Masquerade, 60, call, test.Now);
            if (round % 2 == 0)
                test.Table.Templates.Invalidate(template);
            test.Table.Remove(template);
        }

        int Read()
        {
            uint cursor = 0;
            int count = ConnectionListing.Read(test.Table, ref cursor, entries, 0);
            torn += entries.Take(count).Count(each =>
            {
                int length = each.Client.GetAddressBytes()[3];
                return each.PersistenceData != new string((char)('a' + (length % 26)), length) || (each.VirtualPort == 0xFFFF) != (each.ServerPort == 0xFFFF);
            });
            return count;
        }
    }

    private uint Create(FlowKey clients) => Templates.Create(clients, _test.Slot1, 80, ForwardingMethod.Masquerade, 60, [], _test.Now);

    private uint Made(int client, uint template)
    {
        uint connection = _test.Create(client);
        Templates.Bind(connection, template, _test.Now);
        return connection;
    }
}
