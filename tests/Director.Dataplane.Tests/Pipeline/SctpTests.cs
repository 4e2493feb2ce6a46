using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Tests.Wire;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

public sealed class SctpTests
{
    private const ushort Port = 36412;

    private readonly Bench _bench = new();

    public SctpTests() => Use(ForwardingMethod.Masquerade);

    [Fact]
    public void To_the_server_address_port_and_crc_change_and_nothing_else()
    {
        byte[] frame = FromClient(SctpChunkType.Init);
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame));
        Assert.Equal((Bench.ServerSide, Bench.ClientAddress, Bench.ServerAddress(2)), (sent.Position, sent.Ip.Source, sent.Ip.Destination));
        SctpHeader sctp = Parse(sent);
        Assert.Equal((40001, 8080), (sctp.SourcePort, sctp.DestinationPort));
        Assert.True(sctp.ChecksumIsValid());
        Assert.Equal(frame[(34 + SctpHeader.HeaderLength)..], sent.Ip.Payload[SctpHeader.HeaderLength..].ToArray());
    }

    [Fact]
    public void To_the_client_as_well()
    {
        _bench.Receive(Bench.Client, FromClient(SctpChunkType.Init));
        Sent sent = Assert.Single(_bench.Receive(Bench.ServerSide, FromServer(SctpChunkType.InitAck)));
        Assert.Equal((Bench.Client, Bench.Vip, Bench.ClientAddress), (sent.Position, sent.Ip.Source, sent.Ip.Destination));
        SctpHeader sctp = Parse(sent);
        Assert.Equal((Port, 40001), (sctp.SourcePort, sctp.DestinationPort));
        Assert.True(sctp.ChecksumIsValid());
    }

    [Fact]
    public void An_association_lives_and_only_established_is_active()
    {
        (int From, byte Type, string State, uint Active)[] life =
        [
            (Bench.Client, SctpChunkType.Init, "INIT1", 0),
            (Bench.ServerSide, SctpChunkType.InitAck, "C-SENT", 0),
            (Bench.Client, SctpChunkType.CookieEcho, "C-REPLIED", 0),
            (Bench.ServerSide, SctpChunkType.CookieAck, "ESTABLISHED", 1),
            (Bench.Client, SctpChunkType.Data, "ESTABLISHED", 1),
            (Bench.ServerSide, SctpChunkType.Sack, "ESTABLISHED", 1),
            (Bench.Client, SctpChunkType.Shutdown, "S-RECEIVED", 0),
            (Bench.ServerSide, SctpChunkType.ShutdownAck, "S-ACK-SENT", 0),
            (Bench.Client, SctpChunkType.ShutdownComplete, "CLOSED", 0),
        ];
        foreach ((int from, byte type, string state, uint active) in life)
        {
            Assert.Single(_bench.Receive(from, from == Bench.Client ? FromClient(type) : FromServer(type)));
            Assert.Equal(state, ConnectionStates.Name(_bench.Core.Connections[1].State));
            ServerStatus server = Assert.Single(_bench.Core.Statistics().Services).Servers[1];
            Assert.Equal((active, 1 - active), (server.ActiveConnections, server.InactiveConnections));
        }
        _bench.Tick(60_000);
        Assert.Equal(1u, _bench.Core.Connections.Count);
        _bench.Tick(1_500);
        Assert.Equal(0u, _bench.Core.Connections.Count);
    }

    [Fact]
    public void A_wrong_crc_stays_wrong_for_the_receiver_to_see()
    {
        byte[] frame = FromClient(SctpChunkType.Init);
        frame[^1] ^= 0x40;
        Assert.False(Parse(Assert.Single(_bench.Receive(Bench.Client, frame))).ChecksumIsValid());
    }

    /// <summary>The card that is to send it could not: no offload header asks for a CRC.</summary>
    [Theory]
    [InlineData(ForwardingMethod.Masquerade)]
    [InlineData(ForwardingMethod.DirectRoute)]
    public void A_crc_left_to_the_card_is_completed(ForwardingMethod method)
    {
        Use(method);
        byte[] frame = FromClient(SctpChunkType.Init);
        frame.AsSpan(34 + SctpHeader.ChecksumOffset, 4).Clear();
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, frame, Partial(SctpHeader.ChecksumOffset)));
        Assert.True(Parse(sent).ChecksumIsValid());
        Assert.Equal(new byte[VirtioNetHeader.Length], sent.Wire[..VirtioNetHeader.Length]);
    }

    [Theory]
    [InlineData(34, 6)]
    [InlineData(34, 16)]
    [InlineData(36, SctpHeader.ChecksumOffset)]
    public void A_sum_anywhere_else_is_refused(ushort start, ushort offset)
    {
        byte[] offload = Partial(offset);
        new VirtioNetHeader(offload).ChecksumStart = start;
        Assert.Empty(_bench.Receive(Bench.Client, FromClient(SctpChunkType.Init), offload));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.OffloadInvalid));
    }

    [Theory]
    [InlineData(SctpChunkType.Data)]
    [InlineData(SctpChunkType.CookieEcho)]
    [InlineData(SctpChunkType.Abort)]
    public void What_is_no_init_and_belongs_to_nothing_is_answered_as_by_a_host_without_sctp(byte type)
    {
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(type)));
        Assert.True(IcmpHeader.TryParse(sent.Ip.Payload, out IcmpHeader error, out _));
        Assert.Equal((IcmpHeader.DestinationUnreachable, IcmpHeader.ProtocolUnreachable), (error.Type, error.Code));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.NoConnection));
        Assert.Equal(0u, _bench.Core.Connections.Count);
    }

    [Theory]
    [InlineData(SctpChunkType.Data, "ESTABLISHED")]
    [InlineData(SctpChunkType.CookieEcho, "C-REPLIED")]
    [InlineData(SctpChunkType.Abort, null)]
    public void With_sloppy_sctp_anything_but_an_abort_opens(byte type, string? state)
    {
        _bench.Core.SetSettings(new Settings { SloppySctp = true });
        _bench.Receive(Bench.Client, FromClient(type));
        Assert.Equal(state is null ? 0u : 1u, _bench.Core.Connections.Count);
        if (state is not null)
            Assert.Equal(state, ConnectionStates.Name(_bench.Core.Connections[1].State));
    }

    [Fact]
    public void An_init_on_a_closed_association_is_scheduled_afresh()
    {
        _bench.Receive(Bench.Client, FromClient(SctpChunkType.Init));
        _bench.Receive(Bench.Client, FromClient(SctpChunkType.ShutdownComplete));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, FromClient(SctpChunkType.Init)));
        Assert.Equal(Bench.ServerAddress(1), sent.Ip.Destination);
        Assert.Equal(1u, _bench.Core.Connections.Count);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_chunk_that_cannot_be_is_dropped_and_counted(byte length)
    {
        _bench.Receive(Bench.Client, FromClient(SctpChunkType.Init));
        byte[] frame = FromClient(SctpChunkType.Data);
        frame[34 + SctpHeader.HeaderLength + 3] = length;
        Assert.Empty(_bench.Receive(Bench.Client, frame));
        Assert.Equal(1ul, _bench.Core.Counters.Dropped(DropReason.SctpChunkLengthInvalid));
    }

    [Fact]
    public void A_packet_in_fragments_is_put_together_first()
    {
        byte[] whole = FromClient(SctpChunkType.Init, 100);
        Assert.Empty(_bench.Receive(Bench.Client, Fragment(whole, 0, 24, more: true)));
        Sent sent = Assert.Single(_bench.Receive(Bench.Client, Fragment(whole, 24, whole.Length - 34 - 24, more: false)));
        Assert.Equal(Bench.ServerAddress(2), sent.Ip.Destination);
        Assert.True(Parse(sent).ChecksumIsValid());
    }

    [Fact]
    public void Nothing_is_allocated_for_what_is_read_and_rewritten()
    {
        byte[] packet = SctpPackets.Of(40001, Port, SctpPackets.Chunk(SctpChunkType.CookieEcho, 9), SctpPackets.Chunk(SctpChunkType.Data, 900));
        void Round()
        {
            _ = SctpHeader.TryParse(packet, out SctpHeader sctp, out _);
            sctp.ReplaceDestinationPort((ushort)(sctp.DestinationPort + (int)SctpStates.EventOf(sctp)));
            sctp.RecomputeChecksum();
        }
        for (int i = 0; i < 1000; i++)
            Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
            Round();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(unchecked((ushort)(Port + (11_000 * (int)PacketEvent.SctpCookieEcho))), (packet[2] << 8) | packet[3]);
    }

    private void Use(ForwardingMethod method) => _bench.Apply(Bench.Service(
        $"sctp 10.1.0.100:{Port}", "rr", Bench.Server(1, method: method), Bench.Server(2, method: method)));

    private byte[] FromClient(byte type, int value = 17) => Frames.Ip(
        _bench.Interfaces[0].AnswerMac, Bench.ClientMac, IpProtocol.Sctp, Bench.ClientAddress, Bench.Vip,
        SctpPackets.Of(40001, Port, SctpPackets.Chunk(type, value)));

    private byte[] FromServer(byte type) => Frames.Ip(
        _bench.Interfaces[1].AnswerMac, Bench.ServerMac(2), IpProtocol.Sctp, Bench.ServerAddress(2), Bench.ClientAddress,
        SctpPackets.Of(8080, 40001, SctpPackets.Chunk(type, 17)));

    private static byte[] Fragment(byte[] frame, int offset, int length, bool more)
    {
        byte[] fragment = [.. frame[..34], .. frame.AsSpan(34 + offset, length)];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(16), (ushort)(20 + length));
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(20), (ushort)((offset / 8) | (more ? 0x2000 : 0)));
        fragment.AsSpan(24, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(24), NaiveChecksum.Of(fragment.AsSpan(14, 20)));
        return fragment;
    }

    private static byte[] Partial(ushort checksumOffset)
    {
        byte[] offload = new byte[VirtioNetHeader.Length];
        _ = new VirtioNetHeader(offload) { Flags = VirtioNetFlags.NeedsChecksum, ChecksumStart = 34, ChecksumOffset = checksumOffset };
        return offload;
    }

    private static SctpHeader Parse(Sent sent) =>
        SctpHeader.TryParse(sent.Ip.Payload, out SctpHeader header, out DropReason reason) ? header : throw new InvalidOperationException($"{reason}");
}
