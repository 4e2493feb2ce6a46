using System.Net;
using Director.Cli.Ipvsadm.Names;
using Director.Model;

namespace Director.Cli.Tests.Ipvsadm.Names;

public sealed class NameFilesTests
{
    [Fact]
    public void Hosts_have_a_canonical_name_and_aliases_and_the_first_line_counts()
    {
        HostsFile hosts = HostsFile.Parse(["# comment", "", "10.0.0.1 one.example.com one # x", "10.0.0.1 other", "fd00::1 one six", "10.0.0.2 one", "junk line"]);
        Assert.Equal("one.example.com", hosts.FindHost(IPAddress.Parse("10.0.0.1")));
        Assert.Equal("one", hosts.FindHost(IPAddress.Parse("fd00::1")));
        Assert.Equal(IPAddress.Parse("10.0.0.1"), hosts.FindAddress("ONE"));
        Assert.Equal(IPAddress.Parse("10.0.0.1"), hosts.FindAddress("other"));
        Assert.Null(hosts.FindAddress("six"));
        Assert.Null(hosts.FindHost(IPAddress.Parse("10.0.0.2").MapToIPv6()));
    }

    [Fact]
    public void Services_are_of_a_protocol_and_case_matters()
    {
        ServicesFile services = ServicesFile.Parse(["http 80/tcp www", "alt 80/tcp", "domain\t53/udp\tdns # names", "x 70000/tcp", "y 5/ddp", "z"]);
        Assert.Equal(((ushort?)80, (ushort?)80, (ushort?)80), (services.FindPort("http", TransportProtocol.Tcp), services.FindPort("www", TransportProtocol.Tcp), services.FindPort("alt", TransportProtocol.Tcp)));
        Assert.Equal("http", services.FindService(80, TransportProtocol.Tcp));
        Assert.Equal((ushort?)53, services.FindPort("dns", TransportProtocol.Udp));
        Assert.Null(services.FindPort("HTTP", TransportProtocol.Tcp));
        Assert.Null(services.FindPort("http", TransportProtocol.Udp));
        Assert.Null(services.FindPort("x", TransportProtocol.Tcp));
        Assert.Null(services.FindService(53, TransportProtocol.Tcp));
    }
}
