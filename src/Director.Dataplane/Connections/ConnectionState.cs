namespace Director.Dataplane.Connections;

/// <summary>The state of a connection: IPVS's, with its numbers for TCP. Stored in the connection memory: append only.</summary>
public enum ConnectionState : byte
{
    None = 0,
    Established = 1,
    SynSent = 2,
    SynReceived = 3,
    FinWait = 4,
    TimeWait = 5,
    Close = 6,
    CloseWait = 7,
    LastAck = 8,
    Listen = 9,
    SynAck = 10,
    Udp = 11,

    /// <summary>Of a persistence template: one of its connections has been established or answered.</summary>
    Assured = 12,

    // SCTP's, as seen from the server: INIT1 is an INIT of the client's, INIT a second one. SCTP's ESTABLISHED is not TCP's,
    // whose timeout can be set.
    SctpInit1 = 13,
    SctpInit = 14,
    SctpCookieSent = 15,
    SctpCookieReplied = 16,
    SctpCookieWait = 17,
    SctpCookie = 18,
    SctpCookieEchoed = 19,
    SctpEstablished = 20,
    SctpShutdownSent = 21,
    SctpShutdownReceived = 22,
    SctpShutdownAckSent = 23,
    SctpRejected = 24,
    SctpClosed = 25,
}

public static class ConnectionStates
{
    public const int Count = 26;

    private static readonly string[] Names =
    [
        "NONE", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "SYNACK",
        "UDP", "ASSURED", "INIT1", "INIT", "C-SENT", "C-REPLIED", "C-WAIT", "COOKIE", "C-ECHOED", "ESTABLISHED", "S-SENT", "S-RECEIVED",
        "S-ACK-SENT", "REJECTED", "CLOSED",
    ];

    /// <summary>As <c>ipvsadm -Lc</c> shows it.</summary>
    public static string Name(ConnectionState state) => (int)state < Names.Length ? Names[(int)state] : "ERR!";

    /// <summary>Counts as ActiveConn; all others, UDP among them, are InActConn.</summary>
    public static bool IsActive(ConnectionState state) => state is ConnectionState.Established or ConnectionState.SynSent
        or ConnectionState.SynReceived or ConnectionState.SynAck or ConnectionState.SctpEstablished;
}
