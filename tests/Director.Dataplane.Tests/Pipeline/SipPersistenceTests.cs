using System.Text;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary><c>--pe sip</c>: calls keep their server, and a client with several calls may have several.</summary>
public sealed class SipPersistenceTests : BenchLife
{
    private static readonly Peer Phone = new("10.1.128.1", 5060, VirtualPort: 5060);

    [Fact]
    public void A_call_keeps_its_server_and_the_next_call_of_the_client_gets_its_own()
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Port = 5062 }, Message("two@phone")));
        Assert.Equal(4, Sent(Phone with { Port = 5064 }, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Port = 5066 }, Message("two@phone")));
    }

    [Fact]
    public void The_same_call_of_another_client_is_another_call()
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Address = "10.1.128.2" }, Message("one@phone")));
    }

    [Fact]
    public void With_a_mask_the_group_shares_it()
    {
        Have("-p 60 --pe sip -M 255.255.255.0");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Assert.Equal(4, Sent(Phone with { Address = "10.1.128.2" }, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Address = "10.1.128.2", Port = 5062 }, Message("two@phone")));
    }

    [Theory]
    [InlineData("i: one@phone")]
    [InlineData("Call-ID:\r\n one@phone")]
    [InlineData("CALL-ID \t: one@phone  ")]
    public void Other_notations_mean_the_same_call(string header)
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Assert.Equal(4, Sent(Phone with { Port = 5062 }, $"BYE sip:b SIP/2.0\r\n{header}\r\n\r\n"));
    }

    [Fact]
    public void Calls_that_begin_alike_are_told_apart()
    {
        Have("-p 60 --pe sip");
        string common = new('x', 254);
        Assert.Equal([4, 3, 2, 1, 4], ((string[])[common, common + "a", common + "b", common[1..], common + "b"]).Select((call, i) => Sent(Phone with { Port = (ushort)(5000 + i) }, Message(call)) + (i == 4 ? 2 : 0)));
    }

    [Theory]
    [InlineData("\r\n\r\n")]
    [InlineData("OPTIONS sip:b SIP/2.0\r\nCSeq: 1 OPTIONS\r\n\r\n")]
    [InlineData("no SIP at all")]
    [InlineData("")]
    public void Without_a_call_the_client_is_persistent_by_its_address(string message)
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, message));
        Assert.Equal(3, Sent(Phone with { Address = "10.1.128.2" }, message));
        Assert.Equal(4, Sent(Phone with { Port = 5062 }, message));
        Assert.Equal(2, Sent(Phone with { Port = 5064 }, Message("one@phone")));
        Assert.Equal(4, Sent(Phone with { Port = 5066 }, message));
    }

    [Fact]
    public void A_call_that_is_too_long_counts_for_none()
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, ""));
        Assert.Equal(4, Sent(Phone with { Port = 5062 }, Message(new string('x', 256))));
    }

    [Fact]
    public void Listed_are_the_engine_and_the_call()
    {
        Have("-p 60 --pe sip");
        Send(Phone, null, Encoding.ASCII.GetBytes(Message("one@phone")));
        Answer(Phone, null, 1);
        Send(Phone with { Port = 5062 }, null, 1);
        Assert.Equal(
            [("ASSURED", 0, "sip", "one@phone"), ("UDP", 5060, null, null), ("NONE", 0, null, null), ("UDP", 5062, null, null)],
            Listed().Select(each => (each.State, (int)each.ClientPort, each.PersistenceEngine, each.PersistenceData)));
    }

    [Fact]
    public void A_call_survives_the_engine()
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Port = 5062 }, Message("two@phone")));
        IReadOnlyList<ConnectionEntry> before = Listed();
        RestartEngine();
        Assert.Equal(before, Listed());
        Assert.Equal(4, Sent(Phone with { Port = 5064 }, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Port = 5066 }, Message("two@phone")));
    }

    [Fact]
    public void A_call_whose_server_is_gone_gets_another_one()
    {
        Have("-p 60 --pe sip");
        Assert.Equal(4, Sent(Phone, Message("one@phone")));
        Do("ipvsadm -d -u 10.1.0.100:5060 -r 10.2.0.14:5060");
        Assert.Equal(3, Sent(Phone with { Port = 5062 }, Message("one@phone")));
        Assert.Equal(3, Sent(Phone with { Port = 5064 }, Message("one@phone")));
        Assert.Equal(["one@phone", "one@phone"], Listed().Where(each => each.ClientPort == 0).Select(each => each.PersistenceData));
    }

    [Fact]
    public void Of_ipv6()
    {
        Do("ipvsadm -A -u [fd00:1::100]:5060 -s rr -p 60 --pe sip");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -a -u [fd00:1::100]:5060 -r [fd00:2::1{server}]:5060 -m");
        Peer phone = new("fd00:8::1", 5060, "fd00:1::100", 5060);
        Assert.Equal(4, Sent(phone, Message("one@phone")));
        Assert.Equal(3, Sent(phone with { Port = 5062 }, Message("two@phone")));
        Assert.Equal(4, Sent(phone with { Port = 5064 }, Message("one@phone")));
    }

    [Fact]
    public void Of_tcp_the_call_is_not_looked_for()
    {
        Do("ipvsadm -A -t 10.1.0.100:5060 -s rr -p 60 --pe sip");
        Do("ipvsadm -a -t 10.1.0.100:5060 -r 10.2.0.11:5060 -m");
        Open(Phone);
        Assert.All(Listed(), each => Assert.Null(each.PersistenceEngine));
    }

    private void Have(string options)
    {
        Do($"ipvsadm -A -u 10.1.0.100:5060 -s rr {options}");
        for (int server = 1; server <= 4; server++)
            Do($"ipvsadm -a -u 10.1.0.100:5060 -r 10.2.0.1{server}:5060 -m");
    }

    private int Sent(Peer peer, string message)
    {
        Send(peer, null, Encoding.ASCII.GetBytes(message));
        return ServerOf(peer);
    }

    private static string Message(string callId) => $"INVITE sip:b@example.com SIP/2.0\r\nVia: SIP/2.0/UDP phone\r\nCall-ID: {callId}\r\nCSeq: 1 INVITE\r\n\r\n";
}
