using System.Buffers.Binary;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Puts fragments together before they are looked up (RFC 791 section 3.2, RFC 815), as IPVS has the host do: only the first
/// one has ports. Bounded: <see cref="Datagrams"/> at once, the oldest gives way; 30 s each; an overlap ends the datagram
/// (it can only be an attack: RFC 5722 for IPv6, Linux for both).
/// </summary>
public sealed class Reassembler
{
    public const int Datagrams = 64;
    public const long TimeoutMilliseconds = 30_000;

    private const int LargestDatagram = 65_535;
    private const int LargestPayload = LargestDatagram - Ipv4Header.MinimumLength;
    private const int Units = (LargestPayload + 7) / 8;
    private const int Front = VirtioNetHeader.Length + EthernetHeader.Length + 60;

    private sealed class Datagram
    {
        public readonly byte[] Bytes = GC.AllocateArray<byte>(Front + LargestPayload + 8, pinned: true);

        // One bit for each 8 bytes that have come.
        public readonly ulong[] Come = new ulong[(Units + 63) / 64];
        public bool InUse;
        public uint Source;
        public uint Destination;
        public ushort Identification;
        public byte Protocol;
        public long Since;
        public int Received;
        public int Length;
        public int HeaderLength;
    }

    private readonly Datagram[] _datagrams = [.. Enumerable.Range(0, Datagrams).Select(_ => new Datagram())];

    /// <summary>
    /// Takes a fragment. True with the whole datagram as a frame when this was its last missing piece; the frame lies in memory of
    /// this class and is good until the batch ends.
    /// </summary>
    public bool TryComplete(in Packet fragment, long now, out Frame whole, out DropReason reason)
    {
        whole = default;
        reason = DropReason.None;
        Datagram datagram = FindOrTake(fragment, now);
        int offset = fragment.Ip.FragmentOffset;
        ReadOnlySpan<byte> payload = fragment.Ip.Payload;
        bool last = !fragment.Ip.MoreFragments;
        if ((!last && (payload.Length & 7) != 0) || payload.Length == 0 || offset + payload.Length > LargestPayload || !TryMark(datagram, offset, payload.Length))
        {
            datagram.InUse = false;
            reason = DropReason.FragmentUnmatched;
            return false;
        }
        payload.CopyTo(datagram.Bytes.AsSpan(Front + offset));
        datagram.Received += payload.Length;
        if (last)
            datagram.Length = offset + payload.Length;
        if (offset == 0)
        {
            datagram.HeaderLength = fragment.Ip.HeaderLength;
            fragment.Frame.Ethernet[..(EthernetHeader.Length + datagram.HeaderLength)]
                .CopyTo(datagram.Bytes.AsSpan(Front - datagram.HeaderLength - EthernetHeader.Length));
        }
        if (datagram.HeaderLength == 0 || datagram.Length == 0 || datagram.Received != datagram.Length)
            return false;
        datagram.InUse = false;
        whole = new Frame(Finish(datagram), fragment.Frame.Arrived);
        return true;
    }

    private static Span<byte> Finish(Datagram datagram)
    {
        int header = datagram.HeaderLength;
        Span<byte> ip = datagram.Bytes.AsSpan(Front - header, header + datagram.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)ip.Length);
        BinaryPrimitives.WriteUInt16BigEndian(ip[6..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(ip[10..], Checksum.Compute(ip[..header]));
        int start = Front - header - EthernetHeader.Length - VirtioNetHeader.Length;
        Span<byte> wire = datagram.Bytes.AsSpan(start, VirtioNetHeader.Length + EthernetHeader.Length + ip.Length);
        wire[..VirtioNetHeader.Length].Clear();
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

    private Datagram FindOrTake(in Packet fragment, long now)
    {
        Datagram oldest = _datagrams[0];
        foreach (Datagram datagram in _datagrams)
        {
            if (datagram.InUse && now - datagram.Since > TimeoutMilliseconds)
                datagram.InUse = false;
            if (datagram.InUse && datagram.Identification == fragment.Ip.Identification && datagram.Source == fragment.Ip.Source
                && datagram.Destination == fragment.Ip.Destination && datagram.Protocol == fragment.Ip.Protocol)
            {
                return datagram;
            }
            if (oldest.InUse && (!datagram.InUse || datagram.Since < oldest.Since))
                oldest = datagram;
        }
        Array.Clear(oldest.Come);
        (oldest.InUse, oldest.Since, oldest.Received, oldest.Length, oldest.HeaderLength) = (true, now, 0, 0, 0);
        (oldest.Source, oldest.Destination, oldest.Identification, oldest.Protocol) =
            (fragment.Ip.Source, fragment.Ip.Destination, fragment.Ip.Identification, fragment.Ip.Protocol);
        return oldest;
    }
}
