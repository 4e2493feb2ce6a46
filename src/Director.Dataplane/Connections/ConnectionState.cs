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
}

public static class ConnectionStates
{
    public const int Count = 13;

    private static readonly string[] Names =
    [
        "NONE", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "SYNACK",
        "UDP", "ASSURED",
    ];

    /// <summary>As <c>ipvsadm -Lc</c> shows it.</summary>
    public static string Name(ConnectionState state) => (int)state < Names.Length ? Names[(int)state] : "ERR!";

    /// <summary>Counts as ActiveConn; all others, UDP among them, are InActConn.</summary>
    public static bool IsActive(ConnectionState state) =>
        state is ConnectionState.Established or ConnectionState.SynSent or ConnectionState.SynReceived or ConnectionState.SynAck;
}
