using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Puts fragments together before they are looked up (RFC 791 section 3.2, RFC 815), as IPVS has the host do: only the first
/// one has ports. Bounded: <see cref="Datagrams"/> at once, the oldest gives way; 30 s each; an overlap or a second end ends the datagram
/// (it can only be an attack: RFC 5722 for IPv6, Linux for both).
/// </summary>
public sealed class Reassembler(IFrameOutput output, PipelineCounters counters)
{
    public const int Datagrams = 64;
    public const long TimeoutMilliseconds = 30_000;

    private const int LargestDatagram = 65_535;
    private const int LargestPayload = LargestDatagram - Ipv4Header.MinimumLength;
    private const int LongestHeader = 60;
    private const int Units = (LargestPayload + 7) / 8;

    private sealed class Datagram
    {
        // Ethernet and IP header of the first fragment.
        public readonly byte[] Headers = new byte[EthernetHeader.Length + LongestHeader];
        public readonly byte[] Payload = new byte[LargestPayload];

        // One bit for each 8 bytes that have come.
        public readonly ulong[] Come = new ulong[(Units + 63) / 64];
        public IpAddress Source;
        public IpAddress Destination;
        public ushort Identification;
        public byte Protocol;
        public long Since;

        /// <summary>Fragments that have come; 0: free.</summary>
        public int Fragments;

        /// <summary>Bytes of payload that have come.</summary>
        public int Received;

        /// <summary>Where the furthest of them ends.</summary>
        public int End;

        /// <summary>Of the payload; 0 until the last fragment has come.</summary>
        public int Length;

        /// <summary>0 until the first fragment has come.</summary>
        public int HeaderLength;
    }

    private readonly Datagram[] _datagrams = [.. Enumerable.Range(0, Datagrams).Select(_ => new Datagram())];

    /// <summary>
    /// Takes a fragment. True with the whole datagram as a frame of our own when this was its last missing piece; it is good until
    /// the batch ends.
    /// </summary>
    public bool TryComplete(in Packet fragment, long now, out Frame whole, out DropReason reason)
    {
        whole = default;
        reason = DropReason.None;
        Datagram datagram = FindOrTake(fragment, now);
        if (!TryAdd(datagram, fragment))
        {
            GiveUp(datagram);
            reason = DropReason.FragmentUnmatched;
            return false;
        }
        datagram.Fragments++;
        counters.FragmentsWaiting++;
        if (datagram.HeaderLength == 0 || datagram.Length == 0 || datagram.Received != datagram.Length)
            return false;
        if (datagram.HeaderLength + datagram.Length > LargestDatagram)
        {
            // The last one is the caller's to count.
            datagram.Fragments--;
            counters.FragmentsWaiting--;
            GiveUp(datagram);
            reason = DropReason.Ipv4TotalLengthInvalid;
            return false;
        }
        counters.FragmentsWaiting -= (uint)datagram.Fragments;
        counters.Reassembled += (uint)datagram.Fragments - 1;
        datagram.Fragments = 0;
        whole = new Frame(Finish(datagram), fragment.Frame.Arrived);
        return true;
    }

    // False: it contradicts what has come.
    private static bool TryAdd(Datagram datagram, in Packet fragment)
    {
        ReadOnlySpan<byte> payload = fragment.Ip.Payload;
        int offset = fragment.Ip.FragmentOffset;
        int end = offset + payload.Length;
        bool last = !fragment.Ip.MoreFragments;
        if (payload.IsEmpty || end > LargestPayload || (!last && (payload.Length & 7) != 0))
            return false;
        if (last ? datagram.Length != 0 || end < datagram.End : datagram.Length != 0 && end > datagram.Length)
            return false;
        if (!TryMark(datagram, offset, payload.Length))
            return false;
        payload.CopyTo(datagram.Payload.AsSpan(offset));
        datagram.Received += payload.Length;
        datagram.End = Math.Max(datagram.End, end);
        if (last)
            datagram.Length = end;
        if (offset == 0)
        {
            datagram.HeaderLength = fragment.Ip.HeaderLength;
            fragment.Frame.Ethernet[..(EthernetHeader.Length + datagram.HeaderLength)].CopyTo(datagram.Headers);
        }
        return true;
    }

    private Span<byte> Finish(Datagram datagram)
    {
        int headers = EthernetHeader.Length + datagram.HeaderLength;
        Span<byte> wire = output.Reserve(headers + datagram.Length);
        Span<byte> ethernet = wire[VirtioNetHeader.Length..];
        datagram.Headers.AsSpan(0, headers).CopyTo(ethernet);
        datagram.Payload.AsSpan(0, datagram.Length).CopyTo(ethernet[headers..]);
        Span<byte> ip = ethernet[EthernetHeader.Length..];
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum.Compute(ip[..datagram.HeaderLength]));
        return wire;
    }

    private static bool TryMark(Datagram datagram, int offset, int length)
    {
        for (int unit = offset / 8; unit < (offset + length + 7) / 8; unit++)
        {
            ulong bit = 1ul << (unit & 63);
            if ((datagram.Come[unit >> 6] & bit) != 0)
                return false;
            datagram.Come[unit >> 6] |= bit;
        }
        return true;
    }

    // What has come of it is lost.
    private void GiveUp(Datagram datagram)
    {
        counters.FragmentsWaiting -= (uint)datagram.Fragments;
        counters.Drop(DropReason.FragmentUnmatched, datagram.Fragments);
        datagram.Fragments = 0;
    }

    private Datagram FindOrTake(in Packet fragment, long now)
    {
        Datagram oldest = _datagrams[0];
        foreach (Datagram datagram in _datagrams)
        {
            if (datagram.Fragments != 0 && now - datagram.Since > TimeoutMilliseconds)
                GiveUp(datagram);
            if (datagram.Fragments != 0 && datagram.Identification == fragment.Ip.V4.Identification && datagram.Source == fragment.Ip.Source
                && datagram.Destination == fragment.Ip.Destination && datagram.Protocol == fragment.Ip.Protocol)
            {
                return datagram;
            }
            if (oldest.Fragments != 0 && (datagram.Fragments == 0 || datagram.Since < oldest.Since))
                oldest = datagram;
        }
        GiveUp(oldest);
        Array.Clear(oldest.Come);
        (oldest.Since, oldest.Received, oldest.End, oldest.Length, oldest.HeaderLength) = (now, 0, 0, 0, 0);
        (oldest.Source, oldest.Destination, oldest.Identification, oldest.Protocol) =
            (fragment.Ip.Source, fragment.Ip.Destination, fragment.Ip.V4.Identification, fragment.Ip.Protocol);
        return oldest;
    }
}
