namespace Director.Dataplane.Wire;

/// <summary>An ICMP or ICMPv6 message within its packet: what the two have in common.</summary>
public readonly ref struct IcmpMessage
{
    private readonly IpHeader _packet;
    private readonly IcmpHeader _v4;
    private readonly Icmpv6Header _v6;

    private IcmpMessage(IpHeader packet, IcmpHeader v4, Icmpv6Header v6)
    {
        _packet = packet;
        _v4 = v4;
        _v6 = v6;
    }

    /// <summary>About a packet that it quotes.</summary>
    public bool IsError => _packet.IsIpv4 ? _v4.IsError : _v6.IsError;

    public bool IsEchoRequest => _packet.IsIpv4 ? _v4.Type == IcmpHeader.Echo : _v6.Type == Icmpv6Header.Echo;

    /// <summary>The quoted packet of an error.</summary>
    public Span<byte> Quote => _packet.IsIpv4 ? _v4.Quote : _v6.Quote;

    /// <param name="packet">Whole, with <see cref="IpHeader.IsIcmp"/>.</param>
    /// <param name="message">Good as long as the packet's memory.</param>
    /// <param name="reason">Why not.</param>
    public static bool TryParse(IpHeader packet, out IcmpMessage message, out DropReason reason)
    {
        IcmpHeader v4 = default;
        Icmpv6Header v6 = default;
        bool sound = packet.IsIpv4
            ? IcmpHeader.TryParse(packet.Payload, out v4, out reason)
            : Icmpv6Header.TryParse(packet.Payload, out v6, out reason);
        message = new IcmpMessage(packet, v4, v6);
        return sound;
    }

    public bool ChecksumIsValid() => _packet.IsIpv4 ? _v4.ChecksumIsValid() : _v6.ChecksumIsValid(_packet.Source, _packet.Destination);

    /// <summary>With the packet's addresses as they are now: ICMPv6 covers them.</summary>
    public void RecomputeChecksum()
    {
        if (_packet.IsIpv4)
            _v4.RecomputeChecksum();
        else
            _v6.RecomputeChecksum(_packet.Source, _packet.Destination);
    }

    /// <summary>Makes an echo request its own reply. Owes <see cref="RecomputeChecksum"/>.</summary>
    public void TurnEcho() => _packet.Payload[0] = _packet.IsIpv4 ? IcmpHeader.EchoReply : Icmpv6Header.EchoReply;
}
