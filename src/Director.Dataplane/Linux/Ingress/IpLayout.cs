using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Where a family keeps what the rules look at, in bytes from the start of an untagged frame (RFC 791 section 3.1, RFC 8200
/// section 3); <paramref name="Words"/> of 4 bytes make an address.
/// </summary>
internal sealed record IpLayout(ushort EtherType, uint ProtocolAt, uint SourceAt, uint DestinationAt, int Words)
{
    /// <summary>Behind the Ethernet header.</summary>
    public const uint Start = 14;

    public static readonly IpLayout Ipv4 = new(Wire.EtherType.Ipv4, Start + 9, Start + 12, Start + 16, 1);
    public static readonly IpLayout Ipv6 = new(Wire.EtherType.Ipv6, Start + 6, Start + 8, Start + 24, 4);

    public bool Has(IpAddress address) => address.IsIpv4 == (this == Ipv4);

    /// <summary>4 bytes of an address of this family, the first at 0.</summary>
    public uint Word(IpAddress address, int index) => Words == 1
        ? address.Ipv4
        : (uint)((index < 2 ? address.High : address.Low) >> (index % 2 == 0 ? 32 : 0));
}
