using System.Net;
using Director.Cli.Ipvsadm.Names;
using Director.Model;

namespace Director.Cli.Tests.Golden;

/// <summary>The names of the machine on which the recordings were made (its /etc/hosts; what they use of Debian's /etc/services).</summary>
internal sealed class RecordedNames : INameResolver
{
    private readonly HostsFile _hosts = HostsFile.Parse(
    [
        "127.0.0.1\tlocalhost",
        "10.0.0.1\tvip.example.com",
        "10.2.0.11\trs-one.example.com # rs1",
    ]);

    private readonly ServicesFile _services = ServicesFile.Parse(
    [
        "# Network services",
        "domain\t\t53/tcp",
        "domain\t\t53/udp",
        "http\t\t80/tcp\t\twww\t# WorldWideWeb HTTP",
        "https\t\t443/tcp",
        "https\t\t443/udp",
        "syslog\t\t514/udp",
        "sip\t\t5060/tcp",
        "sip\t\t5060/udp",
        "mdns\t\t5353/udp",
        "http-alt\t8080/tcp\twebcache",
        "http-alt\t8080/udp",
    ]);

    public IPAddress? FindAddress(string host) => _hosts.FindAddress(host);

    public string? FindHost(IPAddress address) => _hosts.FindHost(address);

    public ushort? FindPort(string service, TransportProtocol protocol) => _services.FindPort(service, protocol);

    public string? FindService(ushort port, TransportProtocol protocol) => _services.FindService(port, protocol);
}
