using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;
using static Director.Dataplane.Tests.Wire.Addresses;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>
/// IPv6 frames that contradict themselves, at every offset, through the whole pipeline: it never throws, sends nothing unsound,
/// and every frame is counted in exactly one place. Chance is seeded.
/// </summary>
public sealed class Ipv6MalformedFramesTests
{
    private static readonly byte[] None = new byte[VirtioNetHeader.Length];
    private static readonly IpAddress VipGroup = Ip("ff02::1:ff00:100");
    private static readonly IpAddress AllNodes = Ip("ff02::1");
    private static readonly MacAddress AllNodesMac = new(0x333300000001);

    private readonly Bench _bench = Ipv6Bench.Started(
        Bench.Service("tcp [fd00:1::100]:80", "wlc", Ipv6Bench.Server(1), Ipv6Bench.Server(2)),
        Bench.Service("udp [fd00:1::100]:53", "rr", Ipv6Bench.Server(1, port: 53, method: ForwardingMethod.DirectRoute)),
        Bench.Service("udp [fd00:1::100]:54", "rr", Ipv6Bench.Server(1, port: 53)));

    private readonly Scrutiny _scrutiny;
    private readonly Dictionary<string, (int Position, byte[] Frame, byte[] Offload)> _frames;

    public Ipv6MalformedFramesTests()
    {
        _scrutiny = new Scrutiny(_bench);
        _frames = new(FlowFrames().Concat(IcmpFrames()).Concat(NeighborFrames())
            .Select(each => KeyValuePair.Create(each.Name, (each.Position, each.Frame, each.Name == "nat-super-frame" ? SuperFrame() : None))));
        // So that the connections are there which the others belong to.
        _scrutiny.Deliver(_frames["nat-syn"]);
        _scrutiny.Deliver(_frames["nat-udp"]);
    }

    public static TheoryData<string> Kinds => [.. new Ipv6MalformedFramesTests()._frames.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whole_cut_off_anywhere_or_with_bytes_behind(string kind)
    {
        (int position, byte[] frame, byte[] offload) = _frames[kind];
        for (int length = 0; length <= Math.Min(frame.Length, 300); length++)
            _scrutiny.Deliver((position, frame[..length], offload));
        foreach (int extra in (int[])[1, 4, 18, 1000, 60_000])
            _scrutiny.Deliver((position, [.. frame, .. new byte[extra]], offload));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_byte_changed_with_the_checksum_broken_and_mended(string kind)
    {
        (int position, byte[] frame, byte[] offload) = _frames[kind];
        for (int at = 0; at < Math.Min(frame.Length, 140); at++)
        {
            byte was = frame[at];
            foreach (byte value in (byte[])[0, 1, 43, 44, 58, 60, 0x7F, 0x80, 0xFF, (byte)(was + 1), (byte)(was - 1), (byte)(was ^ 0x10)])
            {
                byte[] changed = [.. frame];
                changed[at] = value;
                _scrutiny.Deliver((position, changed, offload));
                Mutation.RepairIcmpv6Checksum(changed);
                _scrutiny.Deliver((position, changed, offload));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_damage(string kind) => _scrutiny.DeliverDamaged(_frames[kind], new Random(kind.Length), times: 2000);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_offload_header(string kind) =>
        _scrutiny.DeliverOffloaded(_frames[kind], [0, 1, 3, 4, 5, 0x84, 0x85], new Random(kind.Length), times: 1000);

    [Fact]
    public void Noise_behind_the_header()
    {
        Random random = new(8200);
        byte[] nextHeaders = [0, 6, 17, 43, 44, 50, 51, 58, 59, 60, 132];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] payload = new byte[random.Next(150)];
            random.NextBytes(payload);
            // Chains, of short headers, get further.
            for (int at = 0; i % 2 == 0 && at + 8 <= payload.Length && at < 40; at += 8)
                (payload[at], payload[at + 1]) = (nextHeaders[random.Next(nextHeaders.Length)], (byte)(random.Next(8) == 0 ? 1 : 0));
            byte[] frame = Ipv6Frames.Ip(
                _bench.Interfaces[0].AnswerMac, Bench.ClientMac, nextHeaders[random.Next(nextHeaders.Length)], Ipv6Bench.Client, Ipv6Bench.Vip, payload,
                hopLimit: (byte)(i % 3 == 0 ? 255 : 1));
            _scrutiny.Deliver((Bench.Client, frame, None));
        }
    }

    [Fact]
    public void Fragments_of_all_kinds()
    {
        Random random = new(5722);
        byte[] datagram = Ipv6Frames.Udp(
            _bench.Interfaces[0].AnswerMac, Bench.ClientMac, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 54, length: 200);
        for (int i = 0; i < 20_000; i++)
        {
            int offset = random.Next(0, 12) * 8;
            int length = random.Next(4) == 0 ? random.Next(24) : random.Next(1, 4) * 8;
            byte[] fragment = Ipv6Frames.Piece(datagram, offset, length, last: random.Next(3) == 0, identification: (uint)random.Next(i));
            if (random.Next(8) == 0)
                fragment = Ipv6Frames.Extended(fragment, IpProtocol.HopByHopOptions, [44, 0, 1, 4, 0, 0, 0, 0]);
            _scrutiny.Deliver((Bench.Client, fragment, None));
        }
        Assert.NotEqual(0ul, _bench.Core.Counters.Dropped(DropReason.FragmentUnmatched));
        Assert.NotEqual(0ul, _bench.Core.Counters.Reassembled);
    }

    private IEnumerable<(string Name, int Position, byte[] Frame)> FlowFrames()
    {
        (MacAddress c0, MacAddress r0, MacAddress client) = (_bench.Interfaces[0].AnswerMac, _bench.Interfaces[1].AnswerMac, Bench.ClientMac);
        byte[] syn = Ipv6Frames.Tcp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 80, TcpFlags.Syn);
        byte[] udp = Ipv6Frames.Udp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 54);
        yield return ("nat-syn", 0, syn);
        yield return ("nat-data", 0, Ipv6Frames.Tcp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 80, TcpFlags.Ack | TcpFlags.Psh, "GET / HTTP/1.0\r\n\r\n"));
        yield return ("nat-reply", 1, Ipv6Frames.Tcp(
            r0, Bench.ServerMac(2), Ipv6Bench.ServerAddress(2), 8080, Ipv6Bench.Client, 40001, TcpFlags.Syn | TcpFlags.Ack));
        yield return ("nat-super-frame", 0, Ipv6Frames.Tcp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 80, TcpFlags.Ack, new string('x', 5000)));
        yield return ("nat-udp", 0, udp);
        yield return ("nat-udp-without-checksum", 0, Ipv6Frames.Udp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 54, checksum: false));
        yield return ("nat-options", 0, Ipv6Frames.Extended(syn, 0, [60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, .. new byte[12]]));
        yield return ("nat-routing-header", 0, Ipv6Frames.Extended(udp, 43, Ipv6Bytes.RoutingHeader(17, 4, 0)));
        yield return ("nat-atomic-fragment", 0, Ipv6Frames.Extended(udp, 44, Ipv6Bytes.Fragment(17, 0, more: false)));
        yield return ("nat-authentication", 0, Ipv6Frames.Extended(syn, 51, Ipv6Bytes.Authentication(6)));
        yield return ("direct-udp", 0, Ipv6Frames.Udp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 53));
        yield return ("direct-udp-too-big", 0, Ipv6Frames.Udp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 53, length: 2000));
        yield return ("first-fragment", 0, Ipv6Frames.Piece(udp, 0, 16, last: false));
        yield return ("later-fragment", 0, Ipv6Frames.Piece(udp, 16, 2, last: true));
        yield return ("no-service-tcp", 0, Ipv6Frames.Tcp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 81, TcpFlags.Syn));
        yield return ("no-service-udp", 0, Ipv6Frames.Udp(c0, client, Ipv6Bench.Client, 40001, Ipv6Bench.Vip, 81));
        yield return ("no-service-other", 0, Ipv6Frames.Ip(c0, client, 99, Ipv6Bench.Client, Ipv6Bench.Vip, new byte[30]));
        yield return ("link-local", 0, Ipv6Frames.Udp(c0, client, Ip("fe80::2"), 40001, Ipv6Bench.Vip, 54));
        yield return ("routed", 1, Ipv6Frames.Udp(r0, Bench.ServerMac(2), Ipv6Bench.ServerAddress(2), 33000, Ip("2001:db8::53"), 53, length: 40));
    }

    private IEnumerable<(string Name, int Position, byte[] Frame)> IcmpFrames()
    {
        (MacAddress c0, MacAddress r0, MacAddress client) = (_bench.Interfaces[0].AnswerMac, _bench.Interfaces[1].AnswerMac, Bench.ClientMac);
        byte[] ours = Ipv6Frames.Udp(default, default, Ipv6Bench.Vip, 54, Ipv6Bench.Client, 40001)[14..];
        byte[] theirs = Ipv6Frames.Udp(default, default, Ipv6Bench.Client, 40001, Ipv6Bench.ServerAddress(1), 53);
        byte[] behindOptions = Ipv6Frames.Extended(theirs, 60, [17, 0, 1, 4, 0, 0, 0, 0])[14..];
        yield return ("echo", 0, Ipv6Frames.Icmp(c0, client, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.Echo, 0, new byte[20]));
        yield return ("error-from-client", 0, Ipv6Frames.Icmp(c0, client, Ipv6Bench.Client, Ipv6Bench.Vip, Icmpv6Header.PacketTooBig, 0, ours, rest: 1300));
        yield return ("error-from-server", 1, Ipv6Frames.Icmp(
            r0, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), Ipv6Bench.Client, Icmpv6Header.DestinationUnreachable, 4, theirs.AsSpan(14)));
        yield return ("error-about-options", 1, Ipv6Frames.Icmp(
            r0, Bench.ServerMac(1), Ipv6Bench.ServerAddress(1), Ipv6Bench.Client, Icmpv6Header.TimeExceeded, 0, behindOptions));
    }

    private static IEnumerable<(string Name, int Position, byte[] Frame)> NeighborFrames()
    {
        MacAddress client = Bench.ClientMac;
        byte[] target = [0xFD, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0];
        byte[] asked = [.. target, 1, 1, 2, 0, 0, 0, 1, 2];
        byte[] claimed = [.. target, 2, 1, 2, 0, 0, 0, 0xEE, 0xEE];
        byte[] alert = [58, 0, 5, 2, 0, 0, 1, 0];
        yield return ("solicitation", 0, Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, client, Ipv6Bench.Client, VipGroup, 135, 0, asked, hopLimit: 255));
        yield return ("probe", 0, Ipv6Frames.Icmp(Ipv6Bench.VipGroupMac, client, default, VipGroup, 135, 0, target, hopLimit: 255));
        yield return ("claim", 0, Ipv6Frames.Icmp(AllNodesMac, client, Ipv6Bench.Vip, AllNodes, 136, 0, claimed, rest: 0x2000_0000, hopLimit: 255));
        yield return ("query-1", 0, Ipv6Frames.Extended(
            Ipv6Frames.Icmp(AllNodesMac, client, Ip("fe80::2"), AllNodes, 130, 0, new byte[16], hopLimit: 1), 0, alert));
        yield return ("query-2", 0, Ipv6Frames.Extended(
            Ipv6Frames.Icmp(AllNodesMac, client, Ip("fe80::2"), AllNodes, 130, 0, new byte[20], hopLimit: 1), 0, alert));
        yield return ("router", 0, Ipv6Frames.Icmp(AllNodesMac, client, Ip("fe80::2"), AllNodes, 134, 0, new byte[8], hopLimit: 255));
    }

    private static byte[] SuperFrame()
    {
        byte[] offload = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(offload)
        {
            Flags = VirtioNetFlags.NeedsChecksum,
            GsoType = VirtioNetGso.TcpV6,
            GsoSize = 1428,
            HeaderLength = 74,
            ChecksumStart = 54,
            ChecksumOffset = 16,
        };
        return offload;
    }
}
