using System.Text;

namespace Director.Dataplane.Wire;

/// <summary>
/// As much of a SIP message as persistence by call needs (RFC 3261 section 7). Header lines may be folded and may have white space on
/// both sides of the colon (section 7.3.1), and lines end with CR LF, or with CR or LF alone (RFC 2543).
/// </summary>
public static class SipMessage
{
    /// <summary>IPVS's limit for a Call-ID.</summary>
    private const int LongestCallId = 255;

    /// <summary>
    /// The value of the first Call-ID header (section 20.8, compact form <c>i</c>), without white space around it. False: there is none,
    /// it is empty, too long or has something else in it than visible characters (section 25.1), or this is no SIP message.
    /// </summary>
    public static bool TryFindCallId(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> callId)
    {
        callId = [];
        // A request (INVITE sip:... SIP/2.0) or a status (SIP/2.0 200 OK).
        if (!TryTakeLine(ref message, out ReadOnlySpan<byte> start) || start.IndexOf("SIP/2.0"u8) < 0)
            return false;
        while (TryTakeLine(ref message, out ReadOnlySpan<byte> line) && !line.IsEmpty)
        {
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !IsCallId(line[..colon].TrimEnd(" \t"u8)))
                continue;
            ReadOnlySpan<byte> value = line[(colon + 1)..].Trim(" \t\r\n"u8);
            if (value.IsEmpty || value.Length > LongestCallId || value.ContainsAnyExceptInRange((byte)'!', (byte)'~'))
                return false;
            callId = value;
            return true;
        }
        return false;
    }

    private static bool IsCallId(ReadOnlySpan<byte> name) => Ascii.EqualsIgnoreCase(name, "Call-ID"u8) || Ascii.EqualsIgnoreCase(name, "i"u8);

    // With its continuation lines, which begin with white space, and without its end. False: no line ends any more.
    private static bool TryTakeLine(scoped ref ReadOnlySpan<byte> message, out ReadOnlySpan<byte> line)
    {
        for (int end = 0; message[end..].IndexOfAny((byte)'\r', (byte)'\n') is var more and >= 0;)
        {
            int at = end + more;
            end = at + (message[at..].StartsWith("\r\n"u8) ? 2 : 1);
            bool goesOn = at > 0 && end < message.Length && message[end] is (byte)' ' or (byte)'\t';
            if (goesOn)
                continue;
            line = message[..at];
            message = message[end..];
            return true;
        }
        line = [];
        return false;
    }
}
