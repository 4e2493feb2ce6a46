using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Holds the pipeline to what must be true of any frame: it is counted in exactly one place, and what is sent in answer the
/// kernel would send and a receiver could read.
/// </summary>
internal sealed class Scrutiny(Bench bench)
{
    private const int Mtu = 1500;

    public void Deliver((int Position, byte[] Frame, byte[] Offload) frame)
    {
        PipelineCounters counters = bench.Core.Counters;
        (ulong received, ulong before) = (counters.Received, Outcomes(counters));
        bench.Now++;
        Sent[] sent = bench.Receive(frame.Position, frame.Frame, frame.Offload);
        bool once = counters.Received == received + 1 && Outcomes(counters) == before + 1;
        Assert.True(once, $"counted {Outcomes(counters) - before} times: {Convert.ToHexString(frame.Offload)} {Convert.ToHexString(frame.Frame)}");
        foreach (Sent each in sent)
        {
            if (Unsoundness(each) is { } unsound)
                Assert.Fail($"{unsound}: {Convert.ToHexString(frame.Offload)} {Convert.ToHexString(frame.Frame)} -> {Convert.ToHexString(each.Wire)}");
        }
    }

    /// <summary>The frame with damage of all kinds.</summary>
    public void DeliverDamaged((int Position, byte[] Frame, byte[] Offload) frame, Random random, int times)
    {
        for (int i = 0; i < times; i++)
            Deliver(frame with { Frame = Mutation.Of(frame.Frame, random) });
    }

    /// <summary>The frame with offload headers of chance, of these GSO types; now and then with bytes behind it.</summary>
    public void DeliverOffloaded((int Position, byte[] Frame, byte[] Offload) frame, byte[] types, Random random, int times)
    {
        for (int i = 0; i < times; i++)
        {
            byte[] offload = new byte[VirtioNetHeader.Length];
            random.NextBytes(offload);
            offload[0] &= 3;
            offload[1] = types[random.Next(types.Length)];
            // Half of them point into the frame, or somewhere near.
            for (int field = 2; i % 2 == 0 && field < offload.Length; field += 2)
                BinaryPrimitives.WriteUInt16LittleEndian(offload.AsSpan(field), (ushort)random.Next(frame.Frame.Length + 8));
            Deliver((frame.Position, i % 3 == 0 ? [.. frame.Frame, .. new byte[20]] : frame.Frame, offload));
        }
    }

    private static ulong Outcomes(PipelineCounters counters)
    {
        ulong drops = counters.DropsByReason().Values.Aggregate(0ul, (sum, each) => sum + each);
        return counters.Forwarded + counters.Replies + counters.Related + counters.Routed + counters.Echoed + counters.Arp
            + counters.NeighborDiscovery + counters.NotOurs + counters.Reassembled + counters.FragmentsWaiting + drops;
    }

    private string? Unsoundness(Sent sent)
    {
        EthernetHeader ethernet = sent.EthernetHeader;
        if (ethernet.Source != bench.Interfaces[sent.Position].AnswerMac)
            return "sent from another MAC";
        if (ethernet.EtherType == EtherType.Arp)
            return ArpPacket.TryParse(ethernet.Payload, out _, out DropReason arp) ? null : arp.ToString();
        if (!IpHeader.TryParse(ethernet.EtherType, ethernet.Payload, out IpHeader ip, out DropReason reason))
            return reason.ToString();
        if (ethernet.Payload.Length != ip.TotalLength)
            return "bytes behind the packet";
        if (ip.TimeToLive == 0)
            return "TTL 0";

        VirtioNetHeader offload = new(sent.Wire);
        int transport = EthernetHeader.Length + ip.HeaderLength;
        if (!offload.IsConsistent(sent.Ethernet.Length) || offload.HeaderLength > sent.Ethernet.Length
            || (offload.IsGso && !offload.Segments(ip.Protocol, ip.IsIpv4)))
        {
            return "offload header";
        }
        if ((offload.NeedsChecksum && offload.ChecksumStart < transport) || ((offload.NeedsChecksum || offload.IsGso) && ip.IsFragment))
            return "offload header of another packet";
        if (!offload.IsGso && ip.TotalLength > Mtu)
            return "larger than the MTU";
        if (ip.Source.IsLinkLocal && !IsBetweenNeighbours(ip))
            return "link-local";
        return IsOurOwn(ip) && !(IcmpMessage.TryParse(ip, out IcmpMessage icmp, out _) && icmp.ChecksumIsValid()) ? "ICMP checksum" : null;
    }

    private static bool IsOurOwn(IpHeader ip) => ip.IsIcmp && !ip.IsFragment
        && (ip.Source == IpAddress.FromIpv4(Bench.Vip) || ip.Source == Ipv6Bench.Vip || ip.Source == Ipv6Bench.Gateway || ip.Source.IsLinkLocal);

    private static bool IsBetweenNeighbours(IpHeader ip) => !ip.IsIpv4 && ip.IsIcmp
        && Icmpv6Header.TryParse(ip.Payload, out Icmpv6Header message, out _) && (message.IsNeighborDiscovery || message.IsMulticastListener);
}
