using System.Text;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

public sealed class SipMessageTests
{
    private const string Invite =
        "INVITE sip:bob@biloxi.example.com SIP/2.0\r\nVia: SIP/2.0/UDP client.example.com:5060;branch=z9hG4bK74bf9\r\nMax-Forwards: 70\r\n"
        + "Call-ID: 2xTb9vxSit55XU7p8@atlanta.example.com\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

    public static TheoryData<string, string, string?> Messages => new()
    {
        // What, message, Call-ID
        { "request", Invite, "2xTb9vxSit55XU7p8@atlanta.example.com" },
        { "status", "SIP/2.0 200 OK\r\nCall-ID: a@b\r\n\r\n", "a@b" },
        { "compact", "BYE sip:b SIP/2.0\r\nv: SIP/2.0/UDP c\r\ni: a84b4c76e66710\r\n\r\n", "a84b4c76e66710" },
        { "compact, capital", "BYE sip:b SIP/2.0\r\nI:x\r\n\r\n", "x" },
        { "any case", "BYE sip:b SIP/2.0\r\ncALL-iD: x\r\n\r\n", "x" },
        { "white space around the colon", "BYE sip:b SIP/2.0\r\nCall-ID \t : \t x \t\r\n\r\n", "x" },
        { "folded before the value", "BYE sip:b SIP/2.0\r\nCall-ID:\r\n x@y\r\n\r\n", "x@y" },
        { "folded more than once", "BYE sip:b SIP/2.0\r\nCall-ID: \r\n\t\r\n  x\r\nCSeq: 1 BYE\r\n\r\n", "x" },
        { "folded behind the value", "BYE sip:b SIP/2.0\r\nCall-ID: x\r\n \r\nCSeq: 1 BYE\r\n\r\n", "x" },
        { "folded header before it", "BYE sip:b SIP/2.0\r\nSubject: one\r\n Call-ID: not-this\r\nCall-ID: x\r\n\r\n", "x" },
        { "the first of two", "BYE sip:b SIP/2.0\r\nCall-ID: x\r\ni: y\r\n\r\n", "x" },
        { "line feeds alone", "BYE sip:b SIP/2.0\nCall-ID: x\n\n", "x" },
        { "carriage returns alone", "BYE sip:b SIP/2.0\rCall-ID: x\r\r", "x" },
        { "longest", $"BYE sip:b SIP/2.0\r\nCall-ID: {new string('x', 255)}\r\n\r\n", new string('x', 255) },
        { "too long", $"BYE sip:b SIP/2.0\r\nCall-ID: {new string('x', 256)}\r\n\r\n", null },
        { "empty", "BYE sip:b SIP/2.0\r\nCall-ID:\r\nCSeq: 1 BYE\r\n\r\n", null },
        { "blanks only", "BYE sip:b SIP/2.0\r\nCall-ID: \t\r\n\r\n", null },
        { "a blank in it", "BYE sip:b SIP/2.0\r\nCall-ID: x y\r\n\r\n", null },
        { "a line in it", "BYE sip:b SIP/2.0\r\nCall-ID: x\r\n y\r\n\r\n", null },
        { "control character in it", "BYE sip:b SIP/2.0\r\nCall-ID: x\u001b[2Jy\r\n\r\n", null },
        { "not ASCII", "BYE sip:b SIP/2.0\r\nCall-ID: \u00e9\r\n\r\n", null },
        { "none", "BYE sip:b SIP/2.0\r\nCSeq: 1 BYE\r\n\r\n", null },
        { "in the body", "INVITE sip:b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\nCall-ID: x\r\ni: x\r\n", null },
        { "body that begins with white space", "INVITE sip:b SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n Call-ID: x\r\n", null },
        { "longer name", "BYE sip:b SIP/2.0\r\nCall-IDs: x\r\nid: y\r\nXCall-ID: z\r\n\r\n", null },
        { "no colon", "BYE sip:b SIP/2.0\r\nCall-ID x\r\n\r\n", null },
        { "no line end", "BYE sip:b SIP/2.0\r\nCall-ID: x", null },
        { "not SIP", "GET / HTTP/1.1\r\nCall-ID: x\r\n\r\n", null },
        { "keep-alive", "\r\n\r\n", null },
        { "nothing", "", null },
        { "line feed", "\n", null },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Finds_the_call(string what, string message, string? expected)
    {
        bool found = SipMessage.TryFindCallId(Encoding.Latin1.GetBytes(message), out ReadOnlySpan<byte> callId);
        Assert.True(expected == (found ? Encoding.Latin1.GetString(callId) : null), what);
        Assert.Equal(found, !callId.IsEmpty);
    }

    [Fact]
    public void Every_truncation_has_the_whole_call_or_none()
    {
        byte[] message = Encoding.ASCII.GetBytes(Invite);
        int lineEnd = Invite.IndexOf("\r\nCSeq", StringComparison.Ordinal);
        for (int length = 0; length <= message.Length; length++)
        {
            Assert.Equal(length > lineEnd, SipMessage.TryFindCallId(message.AsSpan(0, length), out ReadOnlySpan<byte> callId));
            Assert.Equal(length > lineEnd ? 37 : 0, callId.Length);
        }
    }

    [Fact]
    public void Whatever_comes_is_read_within_its_bounds_and_in_little_time()
    {
        Random random = new(20);
        byte[] alphabet = " \t\r\n:iICcall-ID@x\0/2.0SIP"u8.ToArray();
        byte[] message = new byte[1500];
        for (int round = 0; round < 2000; round++)
        {
            "A SIP/2.0\r\n"u8.CopyTo(message);
            for (int i = 11; i < message.Length; i++)
                message[i] = alphabet[random.Next(alphabet.Length)];
            if (SipMessage.TryFindCallId(message.AsSpan(0, random.Next(message.Length)), out ReadOnlySpan<byte> callId))
                Assert.DoesNotContain(callId.ToArray(), each => each is <= (byte)' ' or > (byte)'~');
        }
    }
}
