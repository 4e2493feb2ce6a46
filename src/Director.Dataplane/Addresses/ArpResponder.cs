using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Addresses;

/// <summary>
/// ARP for the owned IPv4 addresses (RFC 826): answers on the address's own segment, announces gratuitously when taken and when a
/// foreign claim is heard, and probes for addresses before they are taken (RFC 5227).
/// </summary>
public sealed class ArpResponder(AddressClaims claims, IFrameOutput output, PipelineCounters counters)
{
    public DropReason Receive(in Frame frame, in EthernetHeader ethernet, long nowMilliseconds)
    {
        if (!ArpPacket.TryParse(ethernet.Payload, out ArpPacket arp, out DropReason reason))
            return reason;
        counters.Arp++;
        if (arp.SenderMac != frame.Arrived.AnswerMac
            && claims.Contest(IpAddress.FromIpv4(arp.SenderAddress), arp.SenderMac, frame.Arrived, nowMilliseconds) is { } ours)
        {
            Announce(ours);
        }
        // What directors say to each other looks like probes (sender 0): the election answers those. Their hosts' own questions are
        // anybody's.
        bool isElection = arp.SenderAddress == 0 && claims.IsDirector(arp.SenderMac);
        if (arp.Operation == ArpPacket.Request && arp.SenderAddress != arp.TargetAddress && !isElection
            && claims.AnsweredOn(frame.Arrived, IpAddress.FromIpv4(arp.TargetAddress)) is not null)
        {
            counters.ArpAnswered++;
            Send(frame.Arrived, arp.SenderMac, ArpPacket.Reply, arp.TargetAddress, arp.SenderMac, arp.SenderAddress);
        }
        return DropReason.None;
    }

    /// <summary>Gratuitous ARP, as request and as reply: some switches and hosts learn from one only.</summary>
    public void Announce(OwnedAddress address)
    {
        uint ours = address.Address.Ipv4;
        Send(address.Home, MacAddress.Broadcast, ArpPacket.Request, ours, default, ours);
        Send(address.Home, MacAddress.Broadcast, ArpPacket.Reply, ours, MacAddress.Broadcast, ours);
    }

    /// <summary>An ARP probe (RFC 5227 section 1.1: sender address 0).</summary>
    public void Probe(IpAddress address, EngineInterface on) => Send(on, MacAddress.Broadcast, ArpPacket.Request, 0, default, address.Ipv4);

    private void Send(EngineInterface on, MacAddress to, ushort operation, uint sender, MacAddress targetMac, uint target)
    {
        Span<byte> wire = output.Reserve(EthernetHeader.Length + ArpPacket.Length);
        Span<byte> bytes = wire[VirtioNetHeader.Length..];
        EthernetHeader.Write(bytes, to, on.AnswerMac, EtherType.Arp);
        ArpPacket.Write(bytes[EthernetHeader.Length..], operation, on.AnswerMac, sender, targetMac, target);
        output.Send(on, wire);
    }
}
