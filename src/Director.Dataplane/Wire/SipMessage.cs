using System.Text;

namespace Director.Dataplane.Wire;

/// <summary>As much of a SIP message (RFC 3261 section 7) as persistence by call needs.</summary>
public static class SipMessage
{
    /// <summary>IPVS's limit for a Call-ID.</summary>
    private const int LongestCallId = 255;

    /// <summary>
    /// The value of the first Call-ID header (RFC 3261 section 20.8, compact form <c>i</c>), without white space around it. False: there
    /// is none, it is empty or too long, or this is no SIP message.
    /// </summary>
    public static bool TryFindCallId(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> callId)
    {
        callId = [];
        int end = message.IndexOf((byte)'\n');
        // The start line is a request (INVITE sip:... SIP/2.0) or a status (SIP/2.0 200 OK).
        if (end < 0 || message[..end].IndexOf("SIP/2.0"u8) < 0)
            return false;
        for (message = message[(end + 1)..]; message.IndexOf((byte)'\n') is var length and >= 0; message = message[(length + 1)..])
        {
            ReadOnlySpan<byte> line = message[..length].TrimEnd((byte)'\r');
            if (line.IsEmpty)
                return false;
            int colon = line.IndexOf((byte)':');
            if (colon < 0 || !IsCallId(line[..colon]))
                continue;
            callId = line[(colon + 1)..].Trim(" \t"u8);
            return !callId.IsEmpty && callId.Length <= LongestCallId;
        }
        return false;
    }

    private static bool IsCallId(ReadOnlySpan<byte> name)
    {
        name = name.TrimEnd(" \t"u8);
        return Ascii.EqualsIgnoreCase(name, "Call-ID"u8) || Ascii.EqualsIgnoreCase(name, "i"u8);
    }
}
