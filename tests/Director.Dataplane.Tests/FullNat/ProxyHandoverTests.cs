using System.Text;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>Segment by segment: what the simulation has no words for.</summary>
public sealed class ProxyHandoverTests
{
    private const uint First = 1001;
    private const uint Length = ProxyHeader.Ipv4Length;

    private static readonly FlowKey Who = new(6, 0x0A010002, 40001, 0x0A010064, 80);

    private readonly List<byte[]> _toServer = [];
    private readonly List<byte[]> _toClient = [];
    private readonly Relay _relay;

    public ProxyHandoverTests() => _relay = new Relay(ClientAddress.ProxyProtocol, Who, _toServer.Add, _toClient.Add);

    private static byte[] Header
    {
        get
        {
            byte[] header = new byte[Length];
            ProxyHeader.Write(header, Who.Source, Who.SourcePort, Who.Destination, Who.DestinationPort);
            return header;
        }
    }

    [Fact]
    public void A_syn_goes_on_lower_by_the_headers_length_without_its_payload_and_without_multipath()
    {
        byte[] options = [2, 4, 5, 180, TcpOptionKind.Multipath, 4, 0, 1, 1, 3, 3, 7];
        TcpHeader syn = TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Syn, First - 1, options: options, payload: "early")));
        Assert.Equal(First - 1 - Length, syn.SequenceNumber);
        Assert.Equal(TcpFlags.Syn, syn.Flags);
        Assert.True(syn.Payload.IsEmpty);
        Assert.Equal<byte[]>([2, 4, 5, 180, 1, 1, 1, 1, 1, 3, 3, 7], syn.Options.ToArray());
    }

    [Fact]
    public void A_syn_ack_comes_back_raised_by_it()
    {
        FromClient(TcpFlags.Syn, First - 1);
        TcpHeader answer = TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Syn | TcpFlags.Ack, 5000, First - Length)));
        Assert.Equal((5000u, First), (answer.SequenceNumber, answer.AcknowledgmentNumber));
    }

    [Fact]
    public void A_refusal_is_one_for_the_client_too()
    {
        FromClient(TcpFlags.Syn, First - 1);
        TcpHeader answer = TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Rst | TcpFlags.Ack, 0, First - Length)));
        Assert.Equal((0u, First), (answer.SequenceNumber, answer.AcknowledgmentNumber));
    }

    [Fact]
    public void The_clients_first_acknowledgment_becomes_the_header()
    {
        Handshake();
        TcpHeader own = TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First, 5001, options: [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8])));
        Assert.Equal((First - Length, 5001u), (own.SequenceNumber, own.AcknowledgmentNumber));
        Assert.Equal((TcpFlags.Ack | TcpFlags.Psh, (ushort)777), (own.Flags, own.Window));
        Assert.Equal<byte[]>([1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8], own.Options.ToArray());
        Assert.Equal(Header, own.Payload);
    }

    [Fact]
    public void Data_and_fin_go_behind_the_header_until_it_is_acknowledged()
    {
        Handshake();
        AssertPreceded(FromClient(TcpFlags.Ack | TcpFlags.Psh, First, 5001, payload: "GET /"), "GET /");
        AssertPreceded(FromClient(TcpFlags.Ack | TcpFlags.Fin, First + 5, 5001), "");

        FromServer(TcpFlags.Ack, 5001, First);
        Assert.Equal("again", Encoding.ASCII.GetString(TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First, 5001, payload: "again"))).Payload));
        Assert.Single(FromClient(TcpFlags.Ack, First + 5, 5001));
    }

    [Fact]
    public void Of_a_header_that_came_in_part_only_the_rest_is_repeated()
    {
        Handshake();
        FromClient(TcpFlags.Ack, First, 5001);
        TcpHeader answer = TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Ack, 5001, First - 10)));
        Assert.Equal(First, answer.AcknowledgmentNumber);
        TcpHeader own = TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First, 5001)));
        Assert.Equal(First - 10, own.SequenceNumber);
        Assert.Equal(Header.AsSpan(18), own.Payload);
    }

    [Fact]
    public void What_the_server_says_meanwhile_arrives_with_an_acknowledgment_that_the_client_knows_and_no_blocks()
    {
        Handshake();
        byte[] blocks = [1, 1, 5, 10, 0, 0, 3, 0xE9, 0, 0, 3, 0xEE];
        TcpHeader banner = TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Ack, 5001, First - Length, blocks, "220 ready")));
        Assert.Equal((5001u, First), (banner.SequenceNumber, banner.AcknowledgmentNumber));
        Assert.Equal(Enumerable.Repeat((byte)1, 12), banner.Options.ToArray());
        Assert.Equal("220 ready", Encoding.ASCII.GetString(banner.Payload));
        Assert.True(_relay.Owed);
    }

    // The header is what the server trusts: a client that could write in its place would be whoever it likes.
    [Theory]
    [InlineData(First - Length, TcpFlags.Ack)]
    [InlineData(First - 1, TcpFlags.Ack)]
    [InlineData(First - Length, TcpFlags.Ack | TcpFlags.Fin)]
    [InlineData(First - 500, TcpFlags.Ack | TcpFlags.Psh)]
    public void A_client_cannot_write_in_the_headers_place(uint sequence, TcpFlags flags)
    {
        Handshake();
        TcpHeader own = TcpSegment.Read(Assert.Single(FromClient(flags, sequence, 5001, payload: new string('x', 600))));
        Assert.Equal(Header, own.Payload);
        Assert.Equal(TcpFlags.None, own.Flags & TcpFlags.Fin);
    }

    [Fact]
    public void A_second_syn_does_not_move_the_headers_place()
    {
        Handshake();
        FromClient(TcpFlags.Syn, First - 1 - Length);
        TcpHeader own = TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First - Length, 5001, payload: new string('x', 28))));
        Assert.Equal(First - Length, own.SequenceNumber);
        Assert.Equal(Header, own.Payload);
    }

    [Theory]
    [InlineData(TcpFlags.Ack)]
    [InlineData(TcpFlags.Ack | TcpFlags.Psh)]
    [InlineData(TcpFlags.Syn | TcpFlags.Ack)]
    [InlineData(TcpFlags.None)]
    public void Before_the_server_has_answered_nothing_but_a_syn_goes_on(TcpFlags flags)
    {
        FromClient(TcpFlags.Syn, First - 1);
        Assert.Empty(FromClient(flags, First, 5001, payload: "x"));
    }

    [Fact]
    public void A_reset_is_sent_with_both_numbers_that_the_server_may_expect()
    {
        Handshake();
        List<byte[]> sent = FromClient(TcpFlags.Rst, First);
        Assert.Equal([First - Length, First], sent.Select(segment => TcpSegment.Read(segment).SequenceNumber));
        Assert.All(sent, segment => Assert.Equal(TcpFlags.Rst, TcpSegment.Read(segment).Flags));
        Assert.Single(FromClient(TcpFlags.Rst, First + 10));
    }

    // What a server still knows of a connection before (RFC 9293 section 3.5.2) has to reach the client as it is, or it cannot reset it.
    [Theory]
    [InlineData(77_000u)]
    [InlineData(First + 1)]
    [InlineData(First - Length - 1)]
    public void An_acknowledgment_of_another_connection_says_nothing_of_the_header(uint acknowledgment)
    {
        Handshake();
        Assert.Equal(acknowledgment, TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Ack, 9, acknowledgment))).AcknowledgmentNumber);
        Assert.True(_relay.Owed);
        Assert.Single(FromClient(TcpFlags.Rst, acknowledgment));
    }

    [Fact]
    public void An_answer_to_the_syn_that_comes_late_does_no_harm()
    {
        Handshake();
        FromClient(TcpFlags.Ack, First, 5001, payload: "GET /");
        FromServer(TcpFlags.Ack, 5001, First + 5);
        Assert.False(_relay.Owed);
        FromServer(TcpFlags.Syn | TcpFlags.Ack, 5000, First - Length);
        FromServer(TcpFlags.Ack, 5001, First + 5);
        Assert.False(_relay.Owed);
    }

    // What went on when nothing was owed is not noted. The client has nothing more to send, and its bare acknowledgments, of what the
    // server sends, must not be replaced by headers for ever: the server has the header and does not look at the rest of them.
    [Fact]
    public void An_answer_to_the_syn_that_comes_later_still_does_no_harm_either()
    {
        Handshake();
        FromClient(TcpFlags.Ack, First, 5001);
        FromServer(TcpFlags.Ack, 5001, First);
        FromClient(TcpFlags.Ack | TcpFlags.Fin, First, 5001, payload: "GET /");
        FromServer(TcpFlags.Syn | TcpFlags.Ack, 5000, First - Length);
        TcpHeader data = TcpSegment.Read(Assert.Single(FromServer(TcpFlags.Ack, 5001, First + 6, payload: "200 OK")));
        Assert.Equal(First + 6, data.AcknowledgmentNumber);
        Assert.False(_relay.Owed);
        Assert.Equal(5007u, TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First + 6, 5007))).AcknowledgmentNumber);
    }

    // Whoever chooses the same number again for another connection, in the same record, must not be let into the header's place.
    [Fact]
    public void Another_connection_that_begins_with_the_same_number_gets_a_header_of_its_own()
    {
        Handshake();
        FromClient(TcpFlags.Ack, First, 5001);
        FromServer(TcpFlags.Ack, 5001, First);
        FromServer(TcpFlags.Rst, 5001, 0);
        Assert.Equal(First - 1 - Length, TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Syn, First - 1))).SequenceNumber);
        FromServer(TcpFlags.Syn | TcpFlags.Ack, 9000, First - Length);
        TcpHeader own = TcpSegment.Read(Assert.Single(FromClient(TcpFlags.Ack, First - Length, 9001, payload: new string('x', 28))));
        Assert.Equal(First - Length, own.SequenceNumber);
        Assert.Equal(Header, own.Payload);
    }

    private void Handshake()
    {
        FromClient(TcpFlags.Syn, First - 1);
        FromServer(TcpFlags.Syn | TcpFlags.Ack, 5000, First - Length);
    }

    private static void AssertPreceded(List<byte[]> sent, string payload)
    {
        Assert.Equal(2, sent.Count);
        Assert.Equal(Header, TcpSegment.Read(sent[0]).Payload);
        Assert.Equal(payload, Encoding.ASCII.GetString(TcpSegment.Read(sent[1]).Payload));
    }

    private List<byte[]> FromClient(TcpFlags flags, uint sequence, uint acknowledgment = 0, byte[]? options = null, string payload = "")
    {
        _toServer.Clear();
        _relay.FromClient(TcpSegment.Make(flags, sequence, acknowledgment, 777, options, Encoding.ASCII.GetBytes(payload)));
        Assert.All(_toServer, segment => Assert.True(TcpSegment.IsSound(segment)));
        return _toServer;
    }

    private List<byte[]> FromServer(TcpFlags flags, uint sequence, uint acknowledgment, byte[]? options = null, string payload = "")
    {
        _toClient.Clear();
        _relay.FromServer(TcpSegment.Make(flags, sequence, acknowledgment, 999, options, Encoding.ASCII.GetBytes(payload)));
        Assert.All(_toClient, segment => Assert.True(TcpSegment.IsSound(segment)));
        return _toClient;
    }
}
