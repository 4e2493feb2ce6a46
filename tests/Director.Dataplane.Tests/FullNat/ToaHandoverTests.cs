using System.Text;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

public sealed class ToaHandoverTests
{
    private static readonly byte[] Option = [254, 8, 0x9C, 0x41, 10, 1, 0, 2];
    private static readonly byte[] Timestamps = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8];

    private readonly List<byte[]> _toServer = [];
    private readonly List<byte[]> _toClient = [];
    private readonly Relay _relay;

    public ToaHandoverTests()
    {
        FlowKey who = new(6, 0x0A010002, 40001, 0x0A010064, 80);
        _relay = new Relay(ClientAddress.Toa, who, _toServer.Add, _toClient.Add);
        byte[] syn = TcpSegment.Make(TcpFlags.Syn, 1000);
        Assert.Equal(syn, Assert.Single(FromClient(syn)));
        byte[] answer = TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001);
        Assert.Equal(answer, FromServer(answer));
    }

    [Fact]
    public void A_bare_acknowledgment_gets_the_option_before_its_own()
    {
        TcpHeader sent = TcpSegment.Read(Assert.Single(FromClient(TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: Timestamps))));
        Assert.Equal((1001u, 5001u, TcpFlags.Ack), (sent.SequenceNumber, sent.AcknowledgmentNumber, sent.Flags));
        Assert.Equal<byte[]>([.. Option, .. Timestamps], sent.Options.ToArray());
        Assert.True(sent.Payload.IsEmpty);
    }

    [Fact]
    public void Before_data_goes_an_acknowledgment_with_the_option()
    {
        byte[] data = TcpSegment.Make(TcpFlags.Ack | TcpFlags.Psh, 1001, 5001, options: Timestamps, payload: "GET /"u8);
        List<byte[]> sent = FromClient([.. data]);
        Assert.Equal(2, sent.Count);
        TcpHeader own = TcpSegment.Read(sent[0]);
        Assert.Equal((1001u, 5001u, TcpFlags.Ack), (own.SequenceNumber, own.AcknowledgmentNumber, own.Flags));
        Assert.Equal<byte[]>([.. Option, .. Timestamps], own.Options.ToArray());
        Assert.Equal(data, sent[1]);
    }

    [Fact]
    public void Without_room_it_goes_on_as_it_is_and_is_counted()
    {
        byte[] full = TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: [.. Timestamps, 1, 1, 5, 26, .. new byte[24]]);
        Assert.Equal(full, Assert.Single(FromClient([.. full])));
        Assert.Equal(1, _relay.WithoutRoom);
        byte[] just = TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: [.. Timestamps, 1, 1, 5, 18, .. new byte[16]]);
        Assert.Equal(60, TcpSegment.Read(Assert.Single(FromClient(just))).DataOffset);
        Assert.Equal(1, _relay.WithoutRoom);
    }

    [Fact]
    public void A_client_cannot_say_who_it_is_itself()
    {
        byte[] forged = [254, 8, 1, 2, 9, 9, 9, 9];
        TcpHeader bare = TcpSegment.Read(Assert.Single(FromClient(TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: forged))));
        Assert.Equal<byte[]>([.. Option, 1, 1, 1, 1, 1, 1, 1, 1], bare.Options.ToArray());

        List<byte[]> sent = FromClient(TcpSegment.Make(TcpFlags.Ack, 1001, 5001, options: [253, 20, .. new byte[18]], payload: "odd"u8));
        Assert.Equal<byte[]>([.. Option, .. Enumerable.Repeat((byte)1, 20)], TcpSegment.Read(sent[0]).Options.ToArray());
        Assert.Equal(Enumerable.Repeat((byte)1, 20), TcpSegment.Read(sent[1]).Options.ToArray());
    }

    [Theory]
    [InlineData(TcpFlags.Ack, 1001u, "220 ready", false)]
    [InlineData(TcpFlags.Ack | TcpFlags.Fin, 1001u, "", false)]
    [InlineData(TcpFlags.Ack, 1006u, "", false)]
    // A server that is asked once more for its SYN may answer so while the handshake is not complete.
    [InlineData(TcpFlags.Ack, 1001u, "", true)]
    // Of a connection before.
    [InlineData(TcpFlags.Ack, 77_000u, "", true)]
    public void It_is_owed_until_the_server_shows_that_the_handshake_is_complete(TcpFlags flags, uint acknowledgment, string payload, bool owed)
    {
        FromClient(TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: "GET /"u8));
        byte[] answer = TcpSegment.Make(flags, 5001, acknowledgment, payload: Encoding.ASCII.GetBytes(payload));
        Assert.Equal(answer, FromServer([.. answer]));
        Assert.Equal(owed, _relay.Owed);
        Assert.Equal(owed ? 2 : 1, FromClient(TcpSegment.Make(TcpFlags.Ack, 1006, 5001, payload: "more"u8)).Count);
    }

    [Fact]
    public void An_answer_to_the_syn_that_comes_late_costs_no_more_than_one_acknowledgment()
    {
        FromClient(TcpSegment.Make(TcpFlags.Ack, 1001, 5001, payload: "GET /"u8));
        FromServer(TcpSegment.Make(TcpFlags.Ack, 5001, 1006));
        FromClient(TcpSegment.Make(TcpFlags.Ack | TcpFlags.Fin, 1006, 5001, payload: "more"u8));
        FromServer(TcpSegment.Make(TcpFlags.Syn | TcpFlags.Ack, 5000, 1001));
        Assert.True(_relay.Owed);
        FromServer(TcpSegment.Make(TcpFlags.Ack, 5001, 1011));
        Assert.False(_relay.Owed);
    }

    [Fact]
    public void Resets_pass()
    {
        byte[] reset = TcpSegment.Make(TcpFlags.Rst, 1001);
        Assert.Equal(reset, Assert.Single(FromClient([.. reset])));
    }

    private List<byte[]> FromClient(byte[] segment)
    {
        _toServer.Clear();
        _relay.FromClient(segment);
        Assert.All(_toServer, sent => Assert.True(TcpSegment.IsSound(sent)));
        return _toServer;
    }

    private byte[] FromServer(byte[] segment)
    {
        _toClient.Clear();
        _relay.FromServer(segment);
        return Assert.Single(_toClient);
    }
}
