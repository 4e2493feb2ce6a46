using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// ARP for the owned addresses (RFC 826): answers on the address's own segment, announces gratuitously when taken, defends
/// against a foreign claim at most once in 10 s (RFC 5227 section 2.4), and probes for addresses before they are taken.
/// </summary>
public sealed class ArpResponder(IFrameOutput output, PipelineCounters counters)
{
    private const long DefendIntervalMilliseconds = 10_000;

    private readonly Dictionary<IpAddress, MacAddress> _foreign = [];
    private readonly Dictionary<IpAddress, long> _defended = [];
    private readonly HashSet<IpAddress> _probed = [];

    /// <summary>Set by the core; an owner answers, a standby only listens.</summary>
    public OwnedAddresses Owned { get; set; } = OwnedAddresses.None;

    public bool IsOwner { get; set; }

    /// <summary>Who else was heard to have one of our (or the probed) addresses.</summary>
    public IReadOnlyDictionary<IpAddress, MacAddress> Foreign => _foreign;

    public DropReason Receive(in Frame frame, in EthernetHeader ethernet, long nowMilliseconds)
    {
        if (!ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp, out DropReason reason))
            return reason;
        counters.Arp++;
        if (arp.SenderMac != frame.Arrived.AnswerMac)
            NoteClaim(frame, arp, nowMilliseconds);
        if (arp.Operation == ArpPacket.Request && IsOwner && Owned.Find(IpAddress.FromIpv4(arp.TargetAddress)) is { } asked && asked.Home == frame.Arrived
            && arp.SenderAddress != arp.TargetAddress)
        {
            counters.ArpAnswered++;
            Send(frame.Arrived, arp.SenderMac, ArpPacket.Reply, arp.TargetAddress, arp.SenderMac, arp.SenderAddress);
        }
        return DropReason.None;
    }

    /// <summary>Gratuitous ARP for every owned address, as request and as reply: some switches and hosts learn from one only.</summary>
    public void AnnounceAll()
    {
        foreach (OwnedAddress address in Owned.All)
            Announce(address);
    }

    public void Announce(OwnedAddress address)
    {
        Send(address.Home, MacAddress.Broadcast, ArpPacket.Request, address.Address.Ipv4, default, address.Address.Ipv4);
        Send(address.Home, MacAddress.Broadcast, ArpPacket.Reply, address.Address.Ipv4, MacAddress.Broadcast, address.Address.Ipv4);
    }

    /// <summary>An ARP probe (RFC 5227 section 1.1: sender address 0). Answers are noted until <see cref="EndProbe"/>.</summary>
    public void Probe(IpAddress address, EngineInterface on)
    {
        _foreign.Remove(address);
        _probed.Add(address);
        Send(on, MacAddress.Broadcast, ArpPacket.Request, 0, default, address.Ipv4);
    }

    /// <summary>Whether somebody answered the probe, and who.</summary>
    public bool EndProbe(IpAddress address, out MacAddress rival)
    {
        _probed.Remove(address);
        bool answered = _foreign.TryGetValue(address, out rival);
        if (!Owned.Contains(address))
            _foreign.Remove(address);
        return answered;
    }

    private void NoteClaim(in Frame frame, in ArpPacket arp, long now)
    {
        IpAddress claimed = IpAddress.FromIpv4(arp.SenderAddress);
        OwnedAddress? ours = Owned.Find(claimed);
        if (claimed.IsUnspecified || (ours is null && !_probed.Contains(claimed)) || (ours is not null && ours.Home != frame.Arrived))
            return;
        _foreign[claimed] = arp.SenderMac;
        if (ours is null || !IsOwner || (_defended.TryGetValue(claimed, out long last) && now - last < DefendIntervalMilliseconds))
            return;
        _defended[claimed] = now;
        Announce(ours);
    }

    private void Send(EngineInterface on, MacAddress to, ushort operation, uint sender, MacAddress targetMac, uint target)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + ArpPacket.Length);
        Span<byte> bytes = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(bytes, to, on.AnswerMac, EtherType.Arp);
        ArpPacket.Write(bytes[EthernetHeader.Length..], operation, on.AnswerMac, sender, targetMac, target);
        output.Send(on, wire);
    }
}
