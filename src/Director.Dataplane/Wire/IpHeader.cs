namespace Director.Dataplane.Wire;

/// <summary>
/// An IP packet of either version. What the two versions have in common, asked and changed in one way; what only one has is at
/// <see cref="V4"/>. Setters called Replace or Decrement keep IPv4's header checksum right; transport checksums remain the caller's.
/// </summary>
public readonly ref struct IpHeader
{
    private IpHeader(Ipv4Header v4) => V4 = v4;

    public Ipv4Header V4 { get; }

    /// <summary>Up to the transport header, in bytes.</summary>
    public int HeaderLength => V4.HeaderLength;

    /// <summary>Header and payload, in bytes, as the header says.</summary>
    public int TotalLength => V4.TotalLength;

    /// <summary>Of the payload.</summary>
    public byte Protocol => V4.Protocol;

    public IpAddress Source => IpAddress.FromIpv4(V4.Source);

    public IpAddress Destination => IpAddress.FromIpv4(V4.Destination);

    /// <summary>TTL, or hop limit.</summary>
    public byte TimeToLive => V4.TimeToLive;

    /// <summary>Nobody on the way may fragment it.</summary>
    public bool DontFragment => V4.DontFragment;

    public bool IsFragment => V4.IsFragment;

    /// <summary>In bytes, a multiple of 8.</summary>
    public int FragmentOffset => V4.FragmentOffset;

    public bool MoreFragments => V4.MoreFragments;

    public Span<byte> Payload => V4.Payload;

    /// <summary>Header and payload.</summary>
    public Span<byte> Packet => V4.Packet;

    public static bool TryParse(Span<byte> packet, out IpHeader header, out DropReason reason)
    {
        bool sound = Ipv4Header.TryParse(packet, out Ipv4Header v4, out reason);
        header = new IpHeader(v4);
        return sound;
    }

    public void ReplaceSource(IpAddress address) => V4.ReplaceSource(address.Ipv4);

    public void ReplaceDestination(IpAddress address) => V4.ReplaceDestination(address.Ipv4);

    /// <summary>One hop less; at 0 it stays.</summary>
    public void DecrementTimeToLive() => V4.DecrementTimeToLive();

    /// <summary>A fresh life, for a packet that we turn around.</summary>
    public void ReplaceTimeToLive(byte timeToLive) => V4.ReplaceTimeToLive(timeToLive);
}
