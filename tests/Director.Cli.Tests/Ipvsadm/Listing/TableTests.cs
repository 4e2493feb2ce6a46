using System.Net;
using Director.Cli.Ipvsadm.Listing;
using Director.Cli.Ipvsadm.Names;
using Director.Cli.Tests.Golden;
using Director.Model;

namespace Director.Cli.Tests.Ipvsadm.Listing;

public sealed class TableTests
{
    /// <summary>Each as the real ipvsadm prints it in a column, short and with <c>--exact</c>.</summary>
    [Theory]
    [InlineData(0, "        0", "        0")]
    [InlineData(99_999_999, " 99999999", " 99999999")]
    [InlineData(100_000_000, "  100000K", " 100000000")]
    [InlineData(123_456_789, "  123456K", " 123456789")]
    [InlineData(999_999_999, "  999999K", " 999999999")]
    [InlineData(1_000_000_000, "    1000M", " 1000000000")]
    [InlineData(99_999_999_999, "   99999M", " 99999999999")]
    [InlineData(100_000_000_000, "     100G", " 100000000000")]
    [InlineData(99_999_999_999_999, "   99999G", " 99999999999999")]
    [InlineData(100_000_000_000_000, "     100T", " 100000000000000")]
    [InlineData(ulong.MaxValue, "18446744T", " 18446744073709551615")]
    public async Task Numbers_are_shortened_unless_exact(ulong number, string shortened, string exact)
    {
        FixedDirector director = new()
        {
            Services = new([new(new VirtualService { Key = ServiceKey.ForMark(1) }, new(number, number, number, number, number), [])], 4096),
        };
        string head = "FWM  1".PadRight(33);
        Assert.EndsWith($"\n{head}{string.Concat(Enumerable.Repeat(shortened, 5))}\n", (await Answer.OfAsync(director, "-Ln --stats")).Output);
        Assert.EndsWith($"\n{head}{string.Concat(Enumerable.Repeat(exact, 5))}\n", (await Answer.OfAsync(director, "-Ln --stats --exact")).Output);
    }

    /// <summary>Sorted by the real ipvsadm, whose comparison wraps around at 2^31.</summary>
    [Fact]
    public async Task Far_apart_addresses_come_in_ipvsadms_own_order()
    {
        DirectorInMemory director = new();
        foreach (string vip in new[] { "200.0.0.1", "1.0.0.1", "100.0.0.1", "150.0.0.1", "50.0.0.1", "224.0.0.1" })
            await Answer.OfAsync(director, $"-A -t {vip}:80 -s rr");
        foreach (string server in new[] { "200.0.0.1:80", "1.0.0.1:80", "100.0.0.1:80", "1.0.0.1:7" })
            await Answer.OfAsync(director, $"-a -t 100.0.0.1:80 -r {server} -m");
        Assert.Equal(
            """
            TCP  150.0.0.1:80 rr
            TCP  200.0.0.1:80 rr
            TCP  224.0.0.1:80 rr
            TCP  1.0.0.1:80 rr
            TCP  50.0.0.1:80 rr
            TCP  100.0.0.1:80 rr
              -> 200.0.0.1:80                 Masq    1      0          0         
              -> 1.0.0.1:7                    Masq    1      0          0         
              -> 1.0.0.1:80                   Masq    1      0          0         
              -> 100.0.0.1:80                 Masq    1      0          0         

            """, await Rows(director, "-Ln"));
    }

    [Fact]
    public async Task Marks_are_signed_and_come_last_or_first()
    {
        DirectorInMemory director = new();
        foreach (string service in new[] { "-f 7", "-f 4294967295", "-f 7 -6", "-u 10.0.0.1:53", "-t [fd00::1]:80", "--sctp-service 10.0.0.1:9" })
            await Answer.OfAsync(director, $"-A {service}");
        Assert.Equal(
            """
            FWM  -1 wlc
            UDP  10.0.0.1:53 wlc
            SCTP 10.0.0.1:9 wlc
            TCP  [fd00::1]:80 wlc
            FWM  7 wlc
            FWM  7 IPv6 wlc

            """, await Rows(director, "-Ln"));
    }

    [Fact]
    public async Task Full_NAT_is_listed_saved_and_read_back()
    {
        const string saved = """
            -A -t 10.1.0.100:80 -s wlc
            -a -t 10.1.0.100:80 -r 10.2.0.11:8080 --fullnat -w 1
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 --fullnat --proxy-protocol -w 2 -x 10
            -a -t 10.1.0.100:80 -r 10.2.0.13:80 --fullnat --toa -w 1

            """;
        DirectorInMemory director = new();
        Assert.Equal(new Answer(0, "", ""), await Answer.OfAsync(director, "-R", saved));
        Assert.Equal(saved, (await Answer.OfAsync(director, "-Sn")).Output);
        Assert.Equal(
            """
            TCP  10.1.0.100:80 wlc
              -> 10.2.0.11:8080               FullNat 1      0          0         
              -> 10.2.0.12:80                 FullNat 2      0          0         
              -> 10.2.0.13:80                 FullNat 1      0          0         

            """, await Rows(director, "-Ln"));

        await Answer.OfAsync(director, "-e -t 10.1.0.100:80 -r 10.2.0.12:80 --fullnat");
        Assert.Contains("-r 10.2.0.12:80 --fullnat -w 1\n", (await Answer.OfAsync(director, "-Sn")).Output, StringComparison.Ordinal);
    }

    /// <summary>As the real ipvsadm prints such a table: IPv6 runs over its column, and servers of both families mix.</summary>
    [Fact]
    public async Task IPv6_and_tunnels_look_as_ipvsadm_shows_them()
    {
        DirectorInMemory director = new();
        await Answer.OfAsync(director, "-R", """
            -A -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -s rr -p -M 64
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:80 -r fd00::1 -m
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -r [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:8080 -m
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -r fd00:2::11 -i --tun-type gue --tun-port 6080 --tun-remcsum
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -r fd00:2::12 -i --tun-type gue --tun-port 6080 --tun-csum
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -r fd00:2::13 -i --tun-type gre
            -a -t [2001:db8:1111:2222:3333:4444:5555:6666]:65000 -r 10.2.0.12 -i
            -A -u 10.0.0.1:13 -s mh -b mh-fallback -o --pe sip
            -A -f 9 -6 -s rr -p 30 -M 64 --pe sip -o
            """);
        Assert.Equal(
            """
            UDP  10.0.0.1:13 mh (mh-fallback) ops
            TCP  [2001:db8:1111:2222:3333:4444:5555:6666]:65000 rr persistent 360 mask 64
              -> [fd00:2::11]:65000           Tunnel  gue:6080:r+c  1      0          0         
              -> [fd00:2::12]:65000           Tunnel  gue:6080:+c   1      0          0         
              -> [fd00:2::13]:65000           Tunnel  gre:-c        1      0          0         
              -> 10.2.0.12:65000              Tunnel  ipip          1      0          0         
              -> [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:8080 Masq    n/a           1      0          0         
            FWM  9 IPv6 rr persistent 30 mask 64 pe sip ops

            """, await Rows(director, "-Ln --tun-info"));
        string saved = (await Answer.OfAsync(director, "-S -n")).Output;
        Assert.StartsWith("-A -u 10.0.0.1:13 -s mh --pe sip -o -b mh-fallback\n", saved);
        Assert.EndsWith("-A -f 9 -6 -s rr -p 30 -M 64 --pe sip -o\n", saved);
    }

    [Fact]
    public async Task Long_names_are_cut()
    {
        LongNames names = new();
        IPAddress four = IPAddress.Parse("10.0.0.1"), six = IPAddress.Parse("fd00::1");
        AddressNotation notation = new(names, numeric: false);
        Assert.Equal("a-very-long-host-name-that-n", notation.Column(four, 80, TransportProtocol.Tcp));
        Assert.Equal("a-very-long-host-name-that-never-ends.subdomain.example.com", notation.Full(four, 80, TransportProtocol.Tcp));
        Assert.Equal("[a-very-long-host-name-that-never-ends.subdomain.example.co", notation.Column(six, 80, TransportProtocol.Tcp));
        Assert.Equal("a-very-long-host-name-that-n", notation.Column(ServiceKey.ForAddress(TransportProtocol.Tcp, four, 80))["TCP  ".Length..]);
    }

    [Fact]
    public async Task Thresholds_survive_save_and_restore()
    {
        const string saved = """
            -A -t 10.0.0.1:80 -s wrr
            -a -t 10.0.0.1:80 -r 10.2.0.11:80 -m -w 2 -x 100 -y 40
            -a -t 10.0.0.1:80 -r 10.2.0.12:80 -i -w 1 -x 7 --tun-type gue --tun-port 6080 --tun-remcsum

            """;
        DirectorInMemory director = new();
        Assert.Equal(new Answer(0, "", ""), await Answer.OfAsync(director, "-R", saved));
        Assert.Equal(saved, (await Answer.OfAsync(director, "-S -n")).Output);
    }

    [Fact]
    public async Task Connections_with_persistence_data_show_it_when_asked()
    {
        IPAddress address = IPAddress.Parse("10.0.0.1");
        FixedDirector director = new()
        {
            Connections =
            [
                new(TransportProtocol.Udp, 300, "UDP", address, 20001, address, 53, IPAddress.Parse("10.2.0.11"), 53, "sip", "12345"),
                new(TransportProtocol.None, 86400, "ASSURED", address, 0, IPAddress.Parse("0.0.0.1"), 0, IPAddress.Parse("10.2.0.14"), 0),
            ],
        };
        Assert.Equal(
            """
            IPVS connection entries
            pro expire state       source             virtual            destination        pe name          pe_data
            UDP 05:00  UDP         10.0.0.1:20001     10.0.0.1:53        10.2.0.11:53     sip                12345
            IP  1440:00 ASSURED     10.0.0.1:0         0.0.0.1:0          10.2.0.14:0

            """, (await Answer.OfAsync(director, "-Lcn --persistent-conn")).Output);
        Assert.Contains("\nUDP 05:00  UDP         vip.example.com:20001 vip.example.com:domain rs-one.example.com:domain\n", (await Answer.OfAsync(director, "-Lc")).Output);
    }

    /// <summary>Without title and header.</summary>
    private static async Task<string> Rows(DirectorInMemory director, string line) =>
        string.Join('\n', (await Answer.OfAsync(director, line)).Output.Split('\n').Skip(3));

    private sealed class LongNames : INameResolver
    {
        public IPAddress? FindAddress(string host) => null;

        public string? FindHost(IPAddress address) => "a-very-long-host-name-that-never-ends.subdomain.example.com";

        public ushort? FindPort(string service, TransportProtocol protocol) => null;

        public string? FindService(ushort port, TransportProtocol protocol) => null;
    }
}
