namespace Director.Model;

/// <summary>The protocol of a virtual service or connection, by IANA protocol number.</summary>
public enum TransportProtocol : byte
{
    /// <summary>None: a firewall-mark service, or a template of one (IPVS shows it as <c>IP</c>).</summary>
    None = 0,
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}
