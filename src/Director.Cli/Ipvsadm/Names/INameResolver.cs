using System.Net;
using Director.Model;

namespace Director.Cli.Ipvsadm.Names;

/// <summary>Names of hosts and services, as the system's resolver knows them.</summary>
internal interface INameResolver
{
    /// <summary>The IPv4 address of a host (ipvsadm resolves no name to IPv6).</summary>
    IPAddress? FindAddress(string host);

    string? FindHost(IPAddress address);

    ushort? FindPort(string service, TransportProtocol protocol);

    string? FindService(ushort port, TransportProtocol protocol);
}
