namespace Director.Dataplane.Wire;

/// <summary>
/// An IP packet of either version. What the two versions have in common, asked and changed in one way; what only one has is at
/// <see cref="V4"/> or <see cref="V6"/>, of which one is there. Setters called Replace or Decrement keep IPv4's header checksum
/// right; transport checksums remain the caller's.
/// </summary>
public readonly ref struct IpHeader
{
    public IpHeader(Ipv4Header v4)
    {
        V4 = v4;
        IsIpv4 = true;
    }

    public IpHeader(Ipv6Header v6) => V6 = v6;

    public bool IsIpv4 { get; }

    public Ipv4Header V4 { get; }

    public Ipv6Header V6 { get; }

    /// <summary>Up to the transport header, in bytes: with IPv4's options, with IPv6's extension headers.</summary>
    public int HeaderLength => IsIpv4 ? V4.HeaderLength : V6.HeaderLength;

    /// <summary>Header and payload, in bytes, as the header says.</summary>
    public int TotalLength => IsIpv4 ? V4.TotalLength : V6.TotalLength;

    /// <summary>Of the payload.</summary>
    public byte Protocol => IsIpv4 ? V4.Protocol : V6.Protocol;

    /// <summary>ICMP in IPv4, ICMPv6 in IPv6.</summary>
    public bool IsIcmp => IsIpv4 ? V4.Protocol == IpProtocol.Icmp : V6.Protocol == IpProtocol.Icmpv6;

    public IpAddress Source => IsIpv4 ? IpAddress.FromIpv4(V4.Source) : V6.Source;

    public IpAddress Destination => IsIpv4 ? IpAddress.FromIpv4(V4.Destination) : V6.Destination;

    /// <summary>TTL, or hop limit.</summary>
    public byte TimeToLive => IsIpv4 ? V4.TimeToLive : V6.TimeToLive;

    /// <summary>Nobody on the way may fragment it: IPv6 always.</summary>
    public bool DontFragment => !IsIpv4 || V4.DontFragment;

    public bool IsFragment => IsIpv4 ? V4.IsFragment : V6.IsFragment;

    /// <summary>In bytes, a multiple of 8.</summary>
    public int FragmentOffset => IsIpv4 ? V4.FragmentOffset : V6.FragmentOffset;

    public bool MoreFragments => IsIpv4 ? V4.MoreFragments : V6.MoreFragments;

    public Span<byte> Payload => IsIpv4 ? V4.Payload : V6.Payload;

    /// <summary>Header and payload.</summary>
    public Span<byte> Packet => IsIpv4 ? V4.Packet : V6.Packet;

    /// <summary>What stands behind an Ethernet header of one of the two types.</summary>
    public static bool TryParse(ushort etherType, Span<byte> packet, out IpHeader header, out DropReason reason)
    {
        if (etherType == EtherType.Ipv4)
        {
            bool sound = Ipv4Header.TryParse(packet, out Ipv4Header v4, out reason);
            header = new IpHeader(v4);
            return sound;
        }
        bool soundToo = Ipv6Header.TryParse(packet, out Ipv6Header v6, out reason);
        header = new IpHeader(v6);
        return soundToo;
    }

    /// <summary>The packet that an ICMP error of the same version quotes.</summary>
    public static bool TryParseQuote(bool ipv4, Span<byte> quote, out IpHeader header, out DropReason reason)
    {
        if (ipv4)
        {
            bool sound = Ipv4Header.TryParseQuote(quote, out Ipv4Header v4, out reason);
            header = new IpHeader(v4);
            return sound;
        }
        bool soundToo = Ipv6Header.TryParseQuote(quote, out Ipv6Header v6, out reason);
        header = new IpHeader(v6);
        return soundToo;
    }

    public void ReplaceSource(IpAddress address)
    {
        if (IsIpv4)
            V4.ReplaceSource(address.Ipv4);
        else
            V6.ReplaceSource(address);
    }

    public void ReplaceDestination(IpAddress address)
    {
        if (IsIpv4)
            V4.ReplaceDestination(address.Ipv4);
        else
            V6.ReplaceDestination(address);
    }

    /// <summary>One hop less; at 0 it stays.</summary>
    public void DecrementTimeToLive()
    {
        if (IsIpv4)
            V4.DecrementTimeToLive();
        else
            V6.DecrementTimeToLive();
    }

    /// <summary>A fresh life, for a packet that we turn around.</summary>
    public void ReplaceTimeToLive(byte timeToLive)
    {
        if (IsIpv4)
            V4.ReplaceTimeToLive(timeToLive);
        else
            V6.ReplaceTimeToLive(timeToLive);
    }
}
