using System.Collections.Immutable;
using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Marks;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Marks;

public sealed class MarkTableTests
{
    private static readonly string[] Interfaces = ["eth0", "eth1"];

    /// <summary>Name, rules, packet, its mark.</summary>
    public static TheoryData<string, string[], string, uint> Cases => new()
    {
        { "none", [], "tcp 10.1.0.2:40000 10.1.0.100:80 eth0", 0 },
        { "two ports", ["-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:443 eth0", 7 },
        { "another port", ["-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:81 eth0", 0 },
        { "another protocol", ["-d 10.1.0.100 -p tcp --dport 80 -j MARK --set-mark 7"], "udp 10.1.0.2:40000 10.1.0.100:80 eth0", 0 },
        { "every destination of a network", ["-d 10.9.0.0/16 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.9.77.1:80 eth0", 7 },
        { "outside of a network", ["-d 10.9.0.0/16 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.10.0.1:80 eth0", 0 },
        { "source negated", ["! -s 10.1.0.0/16 -d 10.1.0.100 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:80 eth0", 0 },
        { "interface", ["-i eth1 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:80 eth1", 7 },
        { "another interface", ["-i eth1 -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:80 eth0", 0 },
        { "interfaces by their beginning", ["-i eth+ -j MARK --set-mark 7"], "tcp 10.1.0.2:40000 10.1.0.100:80 eth0", 7 },
        { "later rules overwrite", ["-d 10.1.0.100 -j MARK --set-mark 7", "-p tcp --dport 22 -j MARK --set-mark 0"], "tcp 10.1.0.2:40000 10.1.0.100:22 eth0", 0 },
        { "masks are honoured", ["-j MARK --set-mark 0x11", "-p tcp -j MARK --set-mark 0x20/0xf0", "-j MARK --or-mark 0x100"], "tcp 10.1.0.2:40000 10.1.0.100:22 eth0", 0x121 },
        { "IPv6", ["-d fd00::/64 -p udp -j MARK --set-mark 7"], "udp [fd00:1::2]:40000 [fd00::100]:53 eth0", 7 },
        { "a rule without a family is of both", ["-p udp --dport 53 -j MARK --set-mark 7"], "udp [fd00:1::2]:40000 [fd00::100]:53 eth0", 7 },
        { "a rule of iptables is of IPv4", ["-4 -p udp --dport 53 -j MARK --set-mark 7"], "udp [fd00:1::2]:40000 [fd00::100]:53 eth0", 0 },
        { "an IPv4 address negated leaves IPv6 alone", ["! -d 10.1.0.100 -j MARK --set-mark 7"], "udp [fd00:1::2]:40000 [fd00::100]:53 eth0", 0 },
        { "::/64 is not every IPv4 address", ["-d ::/64 -j MARK --set-mark 7"], "udp 10.1.0.2:40000 10.1.0.100:53 eth0", 0 },
        { "neither port", ["-p udp -m multiport ! --ports 53,54 -j MARK --set-mark 7"], "udp 10.1.0.2:54 10.1.0.100:80 eth0", 0 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_packet_has_the_mark_that_netfilter_would_give_it(string name, string[] rules, string packet, uint mark)
    {
        (FlowKey flow, int position) = Packet(packet);
        MarkRule[] parsed = [.. rules.Select(Parse)];
        Assert.True(mark == MarkTable.Compile(parsed, Interfaces).Mark(flow, true, position), name);
        Assert.Equal(mark, NaiveMarks.Mark(parsed, flow, true, Interfaces[position]));
    }

    [Fact]
    public void Later_fragments_have_no_ports_to_match()
    {
        (FlowKey flow, _) = Packet("tcp 10.1.0.2:0 10.1.0.100:0 eth0");
        MarkTable table = MarkTable.Compile([Parse("-p tcp ! --dport 80 -j MARK --set-mark 7"), Parse("-p tcp -j MARK --or-mark 0x10")], Interfaces);
        Assert.Equal(0x10u, table.Mark(flow, hasPorts: false, 0));
        Assert.Equal(0x17u, table.Mark(flow, hasPorts: true, 0));
    }

    [Fact]
    public void A_mark_that_the_packet_brought_is_kept_where_no_rule_says_otherwise()
    {
        (FlowKey flow, _) = Packet("tcp 10.1.0.2:1 10.1.0.100:80 eth0");
        Assert.Equal(0x55u, MarkTable.Empty.Mark(flow, true, 0, 0x55));
        Assert.Equal(0x57u, MarkTable.Compile([Parse("-j MARK --set-mark 7/0xf")], Interfaces).Mark(flow, true, 0, 0x55));
    }

    [Fact]
    public void A_rule_for_interfaces_that_are_not_there_is_left_out()
    {
        Assert.True(MarkTable.Compile([Parse("-i eth9 -j MARK --set-mark 7")], Interfaces).IsEmpty);
        Assert.False(MarkTable.Compile([Parse("! -i eth9 -j MARK --set-mark 7")], Interfaces).IsEmpty);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 8)]
    [InlineData(3, 9)]
    [InlineData(4, 40)]
    [InlineData(5, 300)]
    [InlineData(6, 2000)]
    public void Whatever_the_rules_it_does_what_the_naive_model_does(int seed, int count)
    {
        int marked = 0;
        for (int round = 0; round < Math.Max(2, 400 / count); round++)
        {
            RandomMarks random = new(seed * 1000 + round);
            MarkRule[] rules = random.Rules(count);
            MarkTable table = MarkTable.Compile(rules, RandomMarks.Interfaces);
            for (int packet = 0; packet < 100; packet++)
            {
                FlowKey flow = random.Flow();
                bool hasPorts = random.Next(10) > 0;
                int position = random.Next(RandomMarks.Interfaces.Length);
                uint before = (uint)random.Next(2) * 0x1234;
                uint expected = NaiveMarks.Mark(rules, flow, hasPorts, RandomMarks.Interfaces[position], before);
                marked += expected != before ? 1 : 0;
                if (expected != table.Mark(flow, hasPorts, position, before))
                    Assert.Fail($"{flow.Protocol} {flow.Source}:{flow.SourcePort} {flow.Destination}:{flow.DestinationPort} by {position}:\n{string.Join<MarkRule>('\n', rules)}");
            }
        }
        Assert.True(marked > 10, $"only {marked} packets were marked");
    }

    [Fact]
    public void Marking_allocates_nothing()
    {
        RandomMarks random = new(7);
        FlowKey[] flows = [.. Enumerable.Range(0, 200).Select(_ => random.Flow())];
        foreach (int count in (int[])[4, 500])
        {
            MarkTable table = MarkTable.Compile(random.Rules(count), RandomMarks.Interfaces);
            Assert.Equal(0, Allocations.Of(() =>
            {
                foreach (FlowKey flow in flows)
                    _ = table.Mark(flow, true, 0);
            }));
        }
    }

    private static MarkRule Parse(string text)
    {
        Assert.True(MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error), error);
        return rules[0];
    }

    // "tcp source:port destination:port interface"
    private static (FlowKey Flow, int Position) Packet(string text)
    {
        string[] words = text.Split(' ');
        IPEndPoint source = IPEndPoint.Parse(words[1]), destination = IPEndPoint.Parse(words[2]);
        byte protocol = (byte)Enum.Parse<TransportProtocol>(words[0], ignoreCase: true);
        return (new FlowKey(protocol, IpAddress.Of(source.Address), (ushort)source.Port, IpAddress.Of(destination.Address), (ushort)destination.Port),
            Array.IndexOf(Interfaces, words[3]));
    }
}
