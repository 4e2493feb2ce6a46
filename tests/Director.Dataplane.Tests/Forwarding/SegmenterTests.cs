using System.Buffers.Binary;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace Director.Dataplane.Tests.Forwarding;

/// <summary>Super-frames of all kinds, cut: what a receiver puts together again is what was cut, and each piece is sound by itself.</summary>
public sealed class SegmenterTests
{
    private const ushort Identification = 65_530; // near its end, so that it wraps
    private const uint Sequence = uint.MaxValue - 1000;

    /// <param name="IpExtra">Bytes of IPv4 options or of an IPv6 extension header, a multiple of 8.</param>
    private sealed record SuperFrame(bool Ipv4, bool Tcp, int IpExtra, int TcpOptions, TcpFlags Flags, int Payload, int SegmentSize)
    {
        public int TransportAt => (Ipv4 ? 20 : 40) + IpExtra;

        public int Headers => TransportAt + (Tcp ? 20 + TcpOptions : 8);
    }

    private static readonly Gen<SuperFrame> SuperFrames =
        from kind in Gen.Choose(0, 3)
        from ipExtra in Gen.Elements(0, 8, 40)
        from options in Gen.Elements(0, 12, 40)
        from flags in Gen.Choose(0, 255)
        from size in Gen.OneOf(Gen.Choose(1, 10), Gen.Choose(500, 1460))
        from payload in Gen.OneOf(Gen.Choose(0, 20 * size), Gen.Elements(0, 1, size - 1, size, size + 1, 3 * size))
        select new SuperFrame(kind < 2, kind % 2 == 0, ipExtra, options, (TcpFlags)flags, payload, size);

    [Fact]
    public void The_segments_are_the_stream() => ForAll(frame =>
    {
        byte[] original = Build(frame);
        List<byte[]> segments = Cut(frame, original);
        Assert.Equal(Math.Max(1, (frame.Payload + frame.SegmentSize - 1) / frame.SegmentSize), segments.Count);
        Assert.Equal(original[frame.Headers..], segments.SelectMany(segment => segment[frame.Headers..]));
        Assert.All(segments[..^1], segment => Assert.Equal(frame.Headers + frame.SegmentSize, segment.Length));
        Assert.InRange(segments[^1].Length, frame.Headers, frame.Headers + frame.SegmentSize);
    });

    [Fact]
    public void Each_has_right_lengths_and_checksums() => ForAll(frame =>
    {
        List<byte[]> segments = Cut(frame, Build(frame));
        for (int i = 0; i < segments.Count; i++)
        {
            byte[] segment = segments[i];
            if (frame.Ipv4)
            {
                Assert.True(Ipv4Header.TryParse(segment, out Ipv4Header ip, out DropReason reason), reason.ToString());
                Assert.Equal((segment.Length, (ushort)(Identification + i)), (ip.TotalLength, ip.Identification));
            }
            else
            {
                Assert.Equal(segment.Length - 40, BinaryPrimitives.ReadUInt16BigEndian(segment.AsSpan(4)));
            }
            byte[] transport = segment[frame.TransportAt..];
            byte[] addresses = frame.Ipv4 ? segment[12..20] : segment[8..40];
            byte[] length = [(byte)(transport.Length >> 8), (byte)transport.Length];
            Assert.Equal(0xFFFF, NaiveChecksum.Sum([.. addresses, 0, frame.Tcp ? (byte)6 : (byte)17, .. length, .. transport]));
            if (!frame.Tcp)
                Assert.Equal(transport.Length, BinaryPrimitives.ReadUInt16BigEndian(transport.AsSpan(4)));
        }
    });

    [Fact]
    public void Headers_stay_but_for_sequence_numbers_and_flags() => ForAll(frame =>
    {
        byte[] original = Build(frame);
        List<byte[]> segments = Cut(frame, original);
        for (int i = 0; i < segments.Count; i++)
        {
            byte[] expected = original[..frame.Headers];
            if (frame.Tcp)
            {
                BinaryPrimitives.WriteUInt32BigEndian(expected.AsSpan(frame.TransportAt + 4), Sequence + (uint)(i * frame.SegmentSize));
                if (i > 0)
                    expected[frame.TransportAt + 13] &= 0x7F;
                if (i < segments.Count - 1)
                    expected[frame.TransportAt + 13] &= 0xF6;
            }
            Assert.Equal(WithoutCounted(frame, expected), WithoutCounted(frame, segments[i][..frame.Headers]));
        }
    });

    [Fact]
    public void UDP_without_a_checksum_stays_without()
    {
        SuperFrame frame = new(Ipv4: true, Tcp: false, 0, 0, TcpFlags.None, 3000, 1000);
        byte[] original = Build(frame);
        original.AsSpan(26, 2).Clear();
        Assert.All(Cut(frame, original), segment => Assert.Equal(0, segment[26] << 8 | segment[27]));
    }

    [Fact]
    public void Nothing_is_allocated()
    {
        SuperFrame frame = new(Ipv4: true, Tcp: true, 0, 12, TcpFlags.Ack, 60_000, 1448);
        byte[] original = Build(frame);
        byte[] room = new byte[1500];
        Assert.Equal(0, Allocations.Of(() =>
        {
            Segmenter segments = new(original, frame.TransportAt, IpProtocol.Tcp, frame.SegmentSize);
            while (segments.MoveNext())
                segments.Write(room.AsSpan(0, segments.Length));
        }));
    }

    private static void ForAll(Action<SuperFrame> holds) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20261122, 7), Prop.ForAll(SuperFrames.ToArbitrary(), holds));

    private static List<byte[]> Cut(SuperFrame frame, byte[] original)
    {
        List<byte[]> all = [];
        Segmenter segments = new(original, frame.TransportAt, frame.Tcp ? IpProtocol.Tcp : IpProtocol.Udp, frame.SegmentSize);
        int count = segments.Count;
        while (segments.MoveNext())
        {
            byte[] room = [.. Enumerable.Repeat((byte)0xA5, segments.Length)];
            segments.Write(room);
            all.Add(room);
        }
        Assert.False(segments.MoveNext());
        Assert.Equal(count, all.Count);
        return all;
    }

    // As a sender hands it over: the checksum field holds the pseudo-header's sum, whatever that is, and is never 0.
    private static byte[] Build(SuperFrame frame)
    {
        byte[] packet = new byte[frame.Headers + frame.Payload];
        new Random(frame.Payload).NextBytes(packet.AsSpan(frame.Headers));
        byte protocol = frame.Tcp ? IpProtocol.Tcp : IpProtocol.Udp;
        if (frame.Ipv4)
        {
            Ipv4Header.Write(packet, packet.Length, protocol, 0x0A010002, 0x0A010064, tos: 2, id: Identification);
            packet[0] = (byte)(0x40 | (frame.TransportAt / 4));
            packet.AsSpan(20, frame.IpExtra).Fill(1);
        }
        else
        {
            packet[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
            packet[6] = frame.IpExtra == 0 ? protocol : (byte)60; // destination options
            packet[7] = 64;
            for (int i = 8; i < 40; i++)
                packet[i] = (byte)(i * 37);
            if (frame.IpExtra != 0)
                (packet[40], packet[41]) = (protocol, (byte)((frame.IpExtra / 8) - 1));
        }
        Span<byte> transport = packet.AsSpan(frame.TransportAt);
        if (frame.Tcp)
        {
            TcpHeader.Write(transport, 41_000, 80, Sequence, 99, frame.Flags, window: 501);
            transport[12] = (byte)((20 + frame.TcpOptions) / 4 << 4);
            transport[20..(20 + frame.TcpOptions)].Fill(1);
            BinaryPrimitives.WriteUInt16BigEndian(transport[16..], 0xBEEF);
        }
        else
        {
            UdpHeader.Write(transport, 41_000, 53, (ushort)transport.Length);
            BinaryPrimitives.WriteUInt16BigEndian(transport[6..], 0xBEEF);
        }
        return packet;
    }

    // Without lengths, identification and checksums, which another test reads.
    private static byte[] WithoutCounted(SuperFrame frame, byte[] headers)
    {
        headers.AsSpan(frame.Ipv4 ? 2 : 4, frame.Ipv4 ? 4 : 2).Clear();
        if (frame.Ipv4)
            headers.AsSpan(10, 2).Clear();
        headers.AsSpan(frame.TransportAt + (frame.Tcp ? 16 : 4), frame.Tcp ? 2 : 4).Clear();
        return headers;
    }
}
