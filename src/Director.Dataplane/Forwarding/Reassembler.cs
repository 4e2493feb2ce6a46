using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Puts fragments together before they are looked up, as IPVS has the host do: only the first one has ports. Bounded:
/// <see cref="Datagrams"/> at once, the oldest gives way; 30 s each; an overlap or a second end ends the datagram (it can only be
/// an attack: RFC 5722 for IPv6, Linux for both).
/// </summary>
public sealed class Reassembler(IFrameOutput output, PipelineCounters counters)
{
    public const int Datagrams = 64;
    public const long TimeoutMilliseconds = 30_000;

    private readonly FragmentedDatagram[] _datagrams = [.. Enumerable.Range(0, Datagrams).Select(_ => new FragmentedDatagram())];

    /// <summary>
    /// Takes a fragment. True with the whole datagram as a frame of our own when this was its last missing piece; it is good until
    /// the batch ends.
    /// </summary>
    public bool TryComplete(in Packet fragment, long now, out Frame whole, out DropReason reason)
    {
        whole = default;
        FragmentedDatagram datagram = FindOrTake(fragment, now);
        if (!datagram.TryAdd(fragment))
        {
            GiveUp(datagram);
            // NOTE IPv4 goes without the rest of RFC 5722: its 16 bits of identification come round within the time.
            if (!fragment.Ip.IsIpv4)
                datagram.Refuse();
            reason = DropReason.FragmentUnmatched;
            return false;
        }
        counters.FragmentsWaiting++;
        reason = DropReason.None;
        if (!datagram.IsComplete)
            return false;

        // The last one is the caller's to count: as the datagram, or as a drop.
        counters.FragmentsWaiting -= (uint)datagram.Fragments;
        if (!datagram.Fits(fragment.Ip.IsIpv4))
        {
            counters.Drop(DropReason.FragmentUnmatched, datagram.Fragments - 1);
            datagram.End();
            reason = fragment.Ip.IsIpv4 ? DropReason.Ipv4TotalLengthInvalid : DropReason.Ipv6FragmentInvalid;
            return false;
        }
        counters.Reassembled += (uint)datagram.Fragments - 1;
        datagram.End();
        Span<byte> wire = output.Reserve(datagram.FrameLength);
        datagram.Write(wire[VirtioNetHeader.Length..], fragment.Ip.IsIpv4);
        whole = new Frame(wire, fragment.Frame.Arrived, datagram.LargestFragment, datagram.Identification);
        return true;
    }

    // What has come of it is lost.
    private void GiveUp(FragmentedDatagram datagram)
    {
        counters.FragmentsWaiting -= (uint)datagram.Fragments;
        counters.Drop(DropReason.FragmentUnmatched, datagram.Fragments);
        datagram.End();
    }

    private FragmentedDatagram FindOrTake(in Packet fragment, long now)
    {
        FragmentedDatagram oldest = _datagrams[0];
        foreach (FragmentedDatagram datagram in _datagrams)
        {
            if (datagram.IsInUse && now - datagram.Since > TimeoutMilliseconds)
                GiveUp(datagram);
            if (datagram.IsInUse && datagram.Holds(fragment))
                return datagram;
            if (oldest.IsInUse && (!datagram.IsInUse || datagram.Since < oldest.Since))
                oldest = datagram;
        }
        GiveUp(oldest);
        oldest.Begin(fragment, now);
        return oldest;
    }
}
