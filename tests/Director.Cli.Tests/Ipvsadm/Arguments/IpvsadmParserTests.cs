using System.Net;
using System.Net.Sockets;
using Director.Cli.Ipvsadm.Arguments;
using Director.Cli.Tests.Golden;
using Director.Model;

namespace Director.Cli.Tests.Ipvsadm.Arguments;

/// <summary>What the recordings do not hold; checked against the real program's argument errors.</summary>
public sealed class IpvsadmParserTests
{
    private const string TryHelp = "Try `ipvsadm -h' or 'ipvsadm --help' for more information.";

    [Theory]
    [InlineData("-t 10.0.0.1:80 -A", 255, TryHelp)]
    [InlineData("-n -L", 255, TryHelp)]
    [InlineData("--foo", 255, TryHelp)]
    [InlineData("--set=1 2 3", 255, TryHelp)]
    [InlineData("--start-daemon", 255, TryHelp)]
    [InlineData("-- -A", 255, TryHelp)]
    [InlineData("-A --foo=bar", 255, "--foo=bar: unknown option")]
    [InlineData("-A --scheduler", 255, "--scheduler: missing argument")]
    [InlineData("-A --ops=1", 255, "--ops=1: option does not take an argument")]
    [InlineData("-Ln=1", 255, "-Ln=1: option does not take an argument")]
    [InlineData("-A -t 10.0.0.1:80 -- -s rr", 2, "unexpected argument -s")]
    [InlineData("extra -A", 2, "unexpected argument extra")]
    [InlineData("-Ln -Ln", 2, "invalid option `-Ln'")]
    [InlineData("-L -X --exact", 2, "multiple 'exact' options specified")]
    [InlineData("-L -c --timeout -t 10.0.0.1:80", 2, "The option 'service-address' conflicts with the 'connection' option in the 'list' command")]
    [InlineData("-L --timeout --daemon", 2, "The option 'daemon' conflicts with the 'timeout' option in the 'list' command")]
    [InlineData("-L --timeout --persistent-conn", 2, "options conflicts in the list command")]
    [InlineData("-L -c --rate", 2, "options conflicts in the list command")]
    [InlineData("-C -t 10.0.0.1:80 -n", 2, "Illegal 'numeric' option with the 'flush' command")]
    [InlineData("-a -t 10.0.0.1:80", 2, "You need to supply the 'real-server' option for the 'add-server' command")]
    [InlineData("-a -r 10.2.0.11:http -t 10.0.0.1:80", 2, "illegal real server address[:port] specified")]
    [InlineData("-A -b bogus -w abc", 2, "illegal weight specified")]
    [InlineData("-A -t 10.0.0.1:0 -b sh-port", 2, "incompatible scheduler flag `sh-port'")]
    [InlineData("-a -t 10.0.0.1:80 -r [::1]:80 --tun-type gre", 2, "Different address family is allowed only for tunneling servers")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 -i --tun-type gue --tun-port 5 --tun-nocsum --tun-csum", 2, "The option 'tun-csum' conflicts with the 'tun-nocsum' option in the 'gue' tunnel type")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 -i --tun-type gre --tun-remcsum", 2, "Illegal 'tun-remcsum' option with the 'gre' tunnel type")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 --proxy-protocol", 2, "The 'proxy-protocol' option needs the 'fullnat' forwarding method")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 -m --toa", 2, "The 'toa' option needs the 'fullnat' forwarding method")]
    [InlineData("-a -u 10.0.0.1:80 -r 10.2.0.11 --fullnat --toa", 2, "The 'toa' option is only for TCP virtual services")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 --fullnat --toa --proxy-protocol", 2, "multiple 'client-address' options specified")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 --fullnat -m", 2, "multiple 'forwarding-method' options specified")]
    [InlineData("-d -t 10.0.0.1:80 -r 10.2.0.11 --toa", 2, "Illegal 'client-address' option with the 'delete-server' command")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11 --fullnat=1", 255, "--fullnat=1: option does not take an argument")]
    [InlineData("--set 1 2 2678401", 2, "invalid timeout value `2678401' specified")]
    [InlineData("--set 1 2 -n 3", 2, "Illegal 'numeric' option with the 'set' command")]
    [InlineData("--stop-daemon bogus", 2, "illegal start_daemon specified")]
    [InlineData("--start-daemon master --mcast-group 10.0.0.1", 2, "invalid IPv4 mcast-group `10.0.0.1'")]
    [InlineData("--start-daemon master --mcast-group fd00::1", 2, "invalid IPv6 mcast-group `fd00::1'")]
    [InlineData("--start-daemon master --mcast-group ff02::1%1", 2, "invalid IPv6 mcast-group `ff02::1%1'")]
    [InlineData("--start-daemon master --sync-maxlen 65508", 2, "illegal sync-maxlen specified")]
    public void An_error_has_ipvsadms_words_and_exit_code(string line, int exitCode, string message)
    {
        UsageException error = Assert.Throws<UsageException>(() => Parse(line));
        Assert.Equal((exitCode, message), (error.ExitCode, error.Message));
    }

    [Theory]
    [InlineData("-At10.0.0.1:80 -srr")]
    [InlineData("-A -t=10.0.0.1:80 -s=rr")]
    [InlineData("--add-service --tcp-service=10.0.0.1:80 --scheduler rr")]
    [InlineData("-A -s rr --sort -t 10.0.0.1:http")]
    public void A_service_may_be_written_in_many_ways(string line)
    {
        AddService add = Assert.IsType<AddService>(Parse(line).ToChange());
        Assert.Equal("tcp 10.0.0.1:80", add.Service.Key.ToString());
        Assert.Equal("rr", add.Service.Scheduler);
    }

    [Theory]
    [InlineData("-p", 360u)]
    [InlineData("-p5", 5u)]
    [InlineData("-p 5", 5u)]
    [InlineData("--persistent=5", 5u)]
    [InlineData("-p --sort", 360u)]
    public void Persistence_may_leave_out_its_seconds(string option, uint seconds)
    {
        VirtualService service = Parse($"-A -t 10.0.0.1 {option}").Definition!;
        Assert.Equal((ServiceFlags.Persistent, seconds), (service.Flags, service.PersistenceTimeout));
    }

    [Theory]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11:81 -m", 81)]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11 -m", 80)]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11:0 -m", 80)]
    [InlineData("-t 10.0.0.1:80 -r [10.2.0.11]:81 -m", 80)]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11:81 --fullnat", 81)]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11:81", 80)]
    [InlineData("-t 10.0.0.1:80 -r 10.2.0.11:81 -i", 80)]
    [InlineData("-f 7 -r 10.2.0.11:81", 81)]
    [InlineData("-f 7 -r 10.2.0.11", 0)]
    [InlineData("-r 10.2.0.11 -t 10.0.0.1:80 -m", 0)]
    [InlineData("-r 10.2.0.11 -t 10.0.0.1:80 -g", 80)]
    public void Only_masquerading_and_full_NAT_change_the_port(string line, int port) => Assert.Equal(port, Parse("-a " + line).Server!.Port);

    [Fact]
    public void A_deleted_server_is_meant_by_the_port_as_given() =>
        Assert.Equal(new DeleteServer(ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.0.0.1"), 80), IPAddress.Parse("10.2.0.11"), 81),
            Parse("-d -t 10.0.0.1:80 -r 10.2.0.11:81").ToChange());

    [Theory]
    [InlineData("-A -f 1 -6 -p -M 64", 64)]
    [InlineData("-A -t [::1]:1 -M 64abc", 64)]
    [InlineData("-A -t [::1]:1", 128)]
    // Before the service is known the mask is read as IPv4's; the kernel takes its bits for a length.
    [InlineData("-A -M 64.0.0.0 -t [::1]:1", 64)]
    [InlineData("-A -M 255.255.255.0 -t [::1]:1", 0)]
    public void A_mask_of_IPv6_is_a_length(string line, int length) => Assert.Equal(length, Parse(line).Definition!.PrefixLength);

    [Fact]
    public void Names_of_schedulers_are_cut_and_an_empty_one_is_the_default()
    {
        Assert.Equal("averyveryverylo", Parse("-A -f 1 -s averyveryverylongname").Definition!.Scheduler);
        Assert.Equal("wlc", new IpvsadmParser("ipvsadm", new RecordedNames()).Parse(["-A", "-f", "1", "-s", ""]).Definition!.Scheduler);
    }

    [Fact]
    public void The_hint_names_the_program_as_it_was_called() => Assert.Equal(
        "Try `/sbin/ipvsadm -h' or '/sbin/ipvsadm --help' for more information.",
        Assert.Throws<UsageException>(() => new IpvsadmParser("/sbin/ipvsadm", new RecordedNames()).Parse(["-q"])).Message);

    [Fact]
    public void Six_is_of_the_mark_before_it() =>
        Assert.Equal(AddressFamily.InterNetworkV6, Parse("-D -f 4294967295 -6").Service!.Family);

    /// <summary>ldirectord's ways of calling ipvsadm (it puts the protocol's option before the address).</summary>
    [Theory]
    [InlineData("-A -t 10.0.0.1:80 -s wlc -p 600 -M 255.255.255.0")]
    [InlineData("-E -u 10.0.0.1:53 -s rr -o")]
    [InlineData("-A -f 1 -6 -s rr")]
    [InlineData("-a -t 10.0.0.1:80 -r 10.2.0.11:80 -m -w 0")]
    [InlineData("-e -t 10.0.0.1:80 -r 10.2.0.11:80 -g -w 1 -x 100 -y 50")]
    [InlineData("-d -t 10.0.0.1:80 -r 10.2.0.11:80")]
    [InlineData("-D -t 10.0.0.1:80")]
    [InlineData("-L -n --thresholds")]
    public void Ldirectords_command_lines_are_fine(string line) => Assert.NotNull(Parse(line));

    private static IpvsadmInvocation Parse(string line) =>
        new IpvsadmParser("ipvsadm", new RecordedNames()).Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
