namespace Director.Dataplane.Connections;

/// <summary>
/// What a packet says about the state of its connection, found out once when it is parsed: all that the state machines and the
/// rules for opening connections know of it. <see cref="TcpStates.EventOf"/> and <see cref="SctpStates.EventOf"/> choose it.
/// </summary>
public enum PacketEvent : byte
{
    /// <summary>Nothing: a packet without ports, or a fragment.</summary>
    None = 0,

    /// <summary>UDP.</summary>
    Datagram,

    // In the order of the columns of TCP's tables.
    TcpSyn,
    TcpFin,
    TcpAck,
    TcpRst,

    /// <summary>None of these flags.</summary>
    TcpNoFlag,

    /// <summary>Of SCTP: data, and every chunk that is none of the following: SACK, HEARTBEAT, extensions.</summary>
    SctpData,
    SctpInit,
    SctpInitAck,
    SctpCookieEcho,
    SctpCookieAck,
    SctpShutdown,
    SctpShutdownAck,
    SctpShutdownComplete,
    SctpError,
    SctpAbort,
}
