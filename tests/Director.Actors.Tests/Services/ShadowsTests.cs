using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Services;

public sealed class ShadowsTests
{
    /// <summary>Services, mark rules, and what is told of them.</summary>
    public static TheoryData<string, string[], string[], string[]> Tables => new()
    {
        { "nothing in common", ["tcp 10.1.0.100:80", "udp 10.1.0.100:80", "tcp 10.1.0.101:80", "fwmark 7"], [], [] },
        {
            "a port before all ports", ["tcp 10.1.0.100:0", "tcp 10.1.0.100:80", "udp 10.1.0.100:53", "tcp 10.1.0.101:80"], [],
            ["tcp 10.1.0.100:0 gets no packets of port 80: they have services of their own"]
        },
        {
            "several ports", ["tcp [fd00::1]:443", "tcp [fd00::1]:0", "tcp [fd00::1]:80"], [],
            ["tcp [fd00::1]:0 gets no packets of ports 443, 80: they have services of their own"]
        },
        {
            "many ports", ["udp 10.1.0.100:0", .. Enumerable.Range(1, 11).Select(port => $"udp 10.1.0.100:{port}")], [],
            ["udp 10.1.0.100:0 gets no packets of ports 1, 2, 3, 4, 5, 6, 7, 8 and 3 more: they have services of their own"]
        },
        {
            "FTP takes its data along", ["tcp 10.1.0.100:0", "tcp 10.1.0.100:21"], [],
            ["tcp 10.1.0.100:0 gets no packets of port 21 (FTP: with 20, and 1024 up): they have services of their own"]
        },
        {
            "a mark before an address", ["tcp 10.1.0.100:80", "tcp 10.1.0.100:443", "fwmark 7"], ["-d 10.1.0.100 -p tcp --dport 80 -j MARK --set-mark 7"],
            ["tcp 10.1.0.100:80 gets no packets: mark rules give them to fwmark 7"]
        },
        {
            "some clients", ["tcp 10.1.0.100:80", "fwmark 7"], ["-s 10.9.0.0/16 -j MARK --set-mark 7"],
            ["tcp 10.1.0.100:80 gets only some packets: mark rules give the others to fwmark 7"]
        },
        {
            "all ports, of which some", ["tcp 10.1.0.100:0", "fwmark 7"], ["-p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"],
            ["tcp 10.1.0.100:0 gets only some packets: mark rules give the others to fwmark 7"]
        },
        { "the last rule says it", ["tcp 10.1.0.100:80", "fwmark 7"], ["-j MARK --set-mark 7", "-d 10.1.0.0/24 -j MARK --set-mark 8"], [] },
        {
            "all but some clients", ["tcp 10.1.0.100:80", "fwmark 7"], ["-j MARK --set-mark 7", "-i eth1 -j MARK --set-mark 0"],
            ["tcp 10.1.0.100:80 gets few packets, if any: mark rules give them to fwmark 7"]
        },
        {
            "bit by bit", ["tcp 10.1.0.100:80", "fwmark 7"], ["-j MARK --or-mark 3", "-p tcp -j MARK --or-mark 4"],
            ["tcp 10.1.0.100:80 gets no packets: mark rules give them to fwmark 7"]
        },
        { "a mark without a service", ["tcp 10.1.0.100:80", "fwmark 8"], ["-j MARK --set-mark 7"], [] },
        {
            "each family has its marks", ["tcp 10.1.0.100:80", "tcp [fd00::1]:80", "fwmark6 7"], ["-j MARK --set-mark 7"],
            ["tcp [fd00::1]:80 gets no packets: mark rules give them to fwmark6 7"]
        },
    };

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_service_that_gets_less_than_it_asks_for_is_told(string name, string[] services, string[] rules, string[] told)
    {
        Assert.True(told.SequenceEqual(Shadows.Of(Table(services, rules))), $"{name}: {string.Join('\n', Shadows.Of(Table(services, rules)))}");
    }

    [Fact]
    public void Of_a_great_many_the_first_are_told()
    {
        string[] told = [.. Shadows.Of(Table([.. Enumerable.Range(1, 500).Select(port => $"tcp 10.1.0.100:{port}"), "fwmark 7"], ["-j MARK --set-mark 7"]))];
        Assert.Equal(21, told.Length);
        Assert.Equal("tcp 10.1.0.100:1 gets no packets: mark rules give them to fwmark 7", told[0]);
        Assert.Equal("480 more services are in another one's shadow", told[20]);
    }

    private static ServiceTable Table(string[] services, string[] rules) => services
        .Select(key => Service(key) with { Flags = key.EndsWith(":0", StringComparison.Ordinal) || key.EndsWith(":21", StringComparison.Ordinal) ? ServiceFlags.Persistent : ServiceFlags.None })
        .Aggregate(ServiceTable.Empty with { Marks = new MarkState { Configured = [.. rules.Select(Mark)], Interfaces = ["eth0", "eth1"] } }, (table, service) => table.Apply(new ServiceAdded(service)));
}
