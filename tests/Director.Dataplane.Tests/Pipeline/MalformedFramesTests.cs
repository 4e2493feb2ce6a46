using System.Buffers.Binary;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// Frames that contradict themselves, at every offset, through the whole pipeline: it never throws, sends nothing unsound,
/// and every frame is counted in exactly one place. Chance is seeded.
/// </summary>
public sealed class MalformedFramesTests
{
    private readonly Bench _bench = new();
    private readonly Scrutiny _scrutiny;
    private readonly Dictionary<string, (int Position, byte[] Frame, byte[] Offload)> _frames;

    public MalformedFramesTests()
    {
        _bench.Apply(
            Bench.Service("tcp 10.1.0.100:80", "wlc", Bench.Server(1), Bench.Server(2)),
            Bench.Service("udp 10.1.0.100:53", "rr", Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute)),
            Bench.Service("udp 10.1.0.100:54", "rr", Bench.Server(1, port: 53)),
            Bench.Service("sctp 10.1.0.100:36412", "rr", Bench.Server(2)),
            Bench.Service("tcp 10.1.0.100:90", "rr", Bench.Server(3, port: 90, method: ForwardingMethod.Tunnel)),
            Bench.Service("udp 10.1.0.100:90", "rr", Bench.Server(3, port: 90, method: ForwardingMethod.Tunnel) with
            {
                TunnelType = TunnelType.Gue,
                TunnelPort = TunnelBench.GuePort,
                TunnelFlags = TunnelFlags.RemoteChecksum,
            }));
        _scrutiny = new Scrutiny(_bench);
        _frames = ValidFrames();
        // So that the connections are there which the others belong to.
        Deliver(_frames["nat-syn"]);
        Deliver(_frames["nat-udp-without-checksum"]);
        Deliver(_frames["nat-sctp-init"]);
        Deliver(_frames["tunnel-syn"]);
    }

    public static TheoryData<string> Kinds => [.. new MalformedFramesTests()._frames.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whole_cut_off_anywhere_or_with_bytes_behind(string kind)
    {
        (int position, byte[] frame, byte[] offload) = _frames[kind];
        for (int length = 0; length <= frame.Length; length++)
            Deliver((position, frame[..length], offload));
        foreach (int extra in (int[])[1, 4, 18, 1000, 60_000])
            Deliver((position, [.. frame, .. new byte[extra]], offload));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_byte_changed_with_the_header_checksum_broken_and_mended(string kind)
    {
        (int position, byte[] frame, byte[] offload) = _frames[kind];
        for (int at = 0; at < Math.Min(frame.Length, 120); at++)
        {
            byte was = frame[at];
            foreach (byte value in (byte[])[0, 1, 0x3F, 0x7F, 0x80, 0xFF, (byte)(was + 1), (byte)(was - 1), (byte)(was ^ 0x10), (byte)(was ^ 0x20)])
            {
                byte[] changed = [.. frame];
                changed[at] = value;
                Deliver((position, changed, offload));
                MendHeaderChecksum(changed);
                Deliver((position, changed, offload));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_damage(string kind) => _scrutiny.DeliverDamaged(_frames[kind], new Random(kind.Length), times: 2000);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_offload_header(string kind) =>
        _scrutiny.DeliverOffloaded(_frames[kind], [0, 1, 2, 3, 4, 5, 0x81, 0x83, 0x85, 0xFF], new Random(kind.Length), times: 2000);

    [Fact]
    public void Noise()
    {
        Random random = new(815);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] frame = new byte[random.Next(200)];
            random.NextBytes(frame);
            // Let some of it get beyond the first look.
            if (frame.Length >= 34 && i % 2 == 0)
            {
                EthernetHeader.Write(frame, _bench.Interfaces[0].AnswerMac, Bench.ClientMac, i % 4 == 0 ? EtherType.Ipv4 : EtherType.Arp);
                frame[14] = (byte)(0x40 | random.Next(4, 8));
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(16), (ushort)(frame.Length - 14));
                BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(30), Bench.Vip);
                MendHeaderChecksum(frame);
            }
            Deliver((Bench.Client, frame, new byte[VirtioNetHeader.Length]));
        }
    }

    [Fact]
    public void Fragments_of_all_kinds()
    {
        Random random = new(1996);
        byte[] payload = [.. Enumerable.Range(0, 4096).Select(i => (byte)(i * 7))];
        for (int i = 0; i < 20_000; i++)
        {
            int offset = random.Next(0, 12);
            byte[] fragment = Frames.Ip(
                _bench.Interfaces[0].AnswerMac, Bench.ClientMac, IpProtocol.Udp, Bench.ClientAddress, Bench.Vip,
                payload.AsSpan(offset * 8, random.Next(4) == 0 ? random.Next(24) : random.Next(1, 4) * 8));
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(18), (ushort)random.Next(80));
            BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(20), (ushort)((random.Next(3) == 0 ? 0 : 0x2000) | offset));
            MendHeaderChecksum(fragment);
            Deliver((Bench.Client, fragment, new byte[VirtioNetHeader.Length]));
        }
        Assert.NotEqual(0ul, _bench.Core.Counters.Reassembled);
        Assert.NotEqual(0ul, _bench.Core.Counters.Dropped(DropReason.FragmentUnmatched));
    }

    private void Deliver((int Position, byte[] Frame, byte[] Offload) frame) => _scrutiny.Deliver(frame);

    private static void MendHeaderChecksum(Span<byte> frame)
    {
        int length = frame.Length > 14 ? (frame[14] & 15) * 4 : 0;
        if (length < 20 || frame.Length < 14 + length)
            return;
        frame.Slice(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(frame[24..], NaiveChecksum.Of(frame.Slice(14, length)));
    }

    private Dictionary<string, (int Position, byte[] Frame, byte[] Offload)> ValidFrames()
    {
        (MacAddress c0, MacAddress r0) = (_bench.Interfaces[0].AnswerMac, _bench.Interfaces[1].AnswerMac);
        (MacAddress client, MacAddress server) = (Bench.ClientMac, Bench.ServerMac(2));
        byte[] none = new byte[VirtioNetHeader.Length];
        byte[] super = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(super)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = VirtioNetGso.TcpV4,
            GsoSize = 1448,
            HeaderLength = 54,
            ChecksumStart = 34,
            ChecksumOffset = 16,
        };
        byte[] partialCrc = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(partialCrc) { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 34, ChecksumOffset = SctpHeader.ChecksumOffset };
        byte[] syn = Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 80, TcpFlags.Syn);
        byte[] tunnelUdp = Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 90, length: 1000, dontFragment: true);
        byte[] tunnelled = Assert.Single(_bench.Receive(Bench.Client, tunnelUdp)).Ip.Packet.ToArray();
        byte[] udp = Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 54, checksum: false);
        byte[] translated = Frames.Udp(default, default, Bench.ClientAddress, 40001, Bench.ServerAddress(1), 53);
        byte[] fragment = Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 53, length: 24);
        fragment[20] = 0x20;
        MendHeaderChecksum(fragment);
        byte[] options = [.. syn[..34], 7, 7, 4, 0, 0, 0, 0, 1, .. syn[34..]];
        (options[14], options[17]) = (0x47, (byte)(options[17] + 8));
        MendHeaderChecksum(options);
        return new()
        {
            ["nat-syn"] = (0, syn, none),
            ["nat-data"] = (0, Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 80, TcpFlags.Ack | TcpFlags.Psh, "GET / HTTP/1.0\r\n\r\n"), none),
            ["nat-reply"] = (1, Frames.Tcp(r0, server, Bench.ServerAddress(2), 8080, Bench.ClientAddress, 40001, TcpFlags.Syn | TcpFlags.Ack), none),
            ["nat-options"] = (0, options, none),
            ["nat-super-frame"] = (0, Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 80, TcpFlags.Ack, new string('x', 5000)), super),
            ["nat-udp-without-checksum"] = (0, udp, none),
            ["nat-sctp-init"] = (0, Sctp(SctpPackets.Chunk(SctpChunkType.Init, 16)), none),
            ["nat-sctp-partial-crc"] = (0, Sctp(SctpPackets.Chunk(SctpChunkType.CookieEcho, 30), SctpPackets.Chunk(SctpChunkType.Data, 21)), partialCrc),
            ["tunnel-syn"] = (0, Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 90, TcpFlags.Syn), none),
            ["tunnel-super-frame"] = (0, Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 90, TcpFlags.Ack, new string('x', 5000), dontFragment: false), super),
            ["tunnel-udp-partial"] = (0, [.. tunnelUdp], TunnelBench.Offload([.. tunnelUdp])),
            ["tunnel-error"] = (1, Frames.Icmp(r0, server, Bench.ServerAddress(2), Bench.Gateway, IcmpHeader.DestinationUnreachable, 4, tunnelled), none),
            ["direct-udp"] = (0, Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 53), none),
            ["direct-udp-larger-than-the-mtu"] = (0, Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 53, length: 2000), none),
            ["first-fragment"] = (0, fragment, none),
            ["no-service-tcp"] = (0, Frames.Tcp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 81, TcpFlags.Syn), none),
            ["no-service-udp"] = (0, Frames.Udp(c0, client, Bench.ClientAddress, 40001, Bench.Vip, 81), none),
            ["echo"] = (0, Frames.Icmp(c0, client, Bench.ClientAddress, Bench.Vip, IcmpHeader.Echo, 0, new byte[20]), none),
            ["icmp-error-from-client"] =
                (0, Frames.Icmp(c0, client, Bench.ClientAddress, Bench.Vip, IcmpHeader.TimeExceeded, 0, Swapped(udp).AsSpan(14)), none),
            ["icmp-error-from-server"] =
                (1, Frames.Icmp(r0, server, Bench.ServerAddress(1), Bench.ClientAddress, IcmpHeader.DestinationUnreachable, 3, translated.AsSpan(14)), none),
            ["routed"] = (1, Frames.Udp(r0, server, Bench.ServerAddress(2), 33000, Bench.Ip("8.8.8.8"), 53, length: 40), none),
            ["arp-request"] = (0, Frames.Arp(MacAddress.Broadcast, ArpPacket.Request, client, Bench.ClientAddress, default, Bench.Vip), none),
            ["arp-claim"] = (0, Frames.Arp(MacAddress.Broadcast, ArpPacket.Reply, client, Bench.Vip, client, Bench.Vip), none),
        };
    }

    private byte[] Sctp(params byte[][] chunks) => Frames.Ip(
        _bench.Interfaces[0].AnswerMac, Bench.ClientMac, IpProtocol.Sctp, Bench.ClientAddress, Bench.Vip, SctpPackets.Of(40001, 36412, chunks));

    // The packet as its answer would look.
    private static byte[] Swapped(byte[] frame) =>
        [.. frame[..26], .. frame[30..34], .. frame[26..30], .. frame[36..38], .. frame[34..36], .. frame[38..]];
}
