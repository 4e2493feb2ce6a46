using static Director.Dataplane.Connections.ConnectionState;

namespace Director.Dataplane.Connections;

/// <summary>
/// One set of TCP's transitions, for <see cref="TcpStates"/>: rows by state in the order of the enum, NONE to SYNACK, columns
/// SYN, FIN, ACK, RST.
/// </summary>
/// <param name="input">For a client's packet.</param>
/// <param name="output">For a server's.</param>
/// <param name="inputOnly">For a client's where replies go past us (direct routing, tunnels): its side alone has to tell.</param>
/// <remarks>
/// LAST_ACK and LISTEN are never entered; their rows only see to it that a connection which got there by a sync can leave. In
/// SYNACK the ordinary tables find what was opened while secure_tcp was on.
/// </remarks>
internal sealed class TcpTables(ConnectionState[] input, ConnectionState[] output, ConnectionState[] inputOnly)
{
    private const int Events = 4;

    /// <summary>What IPVS does with default settings.</summary>
    public static readonly TcpTables Ordinary = new(
        input:
        [
            SynReceived, Close,     Established, Close,
            Established, CloseWait, Established, Close,
            Established, SynSent,   SynSent,     Close,
            SynReceived, TimeWait,  Established, SynReceived,
            SynReceived, TimeWait,  FinWait,     Close,
            SynReceived, TimeWait,  TimeWait,    Close,
            SynReceived, Close,     Close,       Close,
            SynReceived, CloseWait, CloseWait,   Close,
            SynReceived, LastAck,   Close,       Close,
            SynReceived, Close,     Listen,      Close,
            SynReceived, TimeWait,  Established, SynReceived,
        ],
        output:
        [
            SynSent,     TimeWait,  Established, Close,
            Established, FinWait,   Established, Close,
            SynSent,     SynSent,   SynSent,     SynSent,
            SynReceived, TimeWait,  Established, Close,
            SynSent,     FinWait,   FinWait,     Close,
            SynSent,     TimeWait,  TimeWait,    TimeWait,
            SynSent,     Close,     Close,       Close,
            SynSent,     TimeWait,  CloseWait,   Close,
            SynSent,     LastAck,   LastAck,     Close,
            SynSent,     Close,     Established, Close,
            SynReceived, TimeWait,  Established, Close,
        ],
        inputOnly:
        [
            SynReceived, Close,     Established, Close,
            Established, FinWait,   Established, Close,
            Established, SynSent,   SynSent,     Close,
            SynReceived, TimeWait,  Established, SynReceived,
            SynReceived, FinWait,   FinWait,     Close,
            SynReceived, TimeWait,  TimeWait,    Close,
            SynReceived, Close,     Close,       Close,
            SynReceived, CloseWait, CloseWait,   Close,
            SynReceived, LastAck,   Close,       Close,
            SynReceived, Close,     Listen,      Close,
            SynReceived, TimeWait,  Established, Close,
        ]);

    /// <summary>
    /// secure_tcp: only the server makes a connection ESTABLISHED, with its ACK; a client's ACK in SYN_RECV may be a flood's.
    /// Where replies are not seen a SYN is SYNACK at once, and there the client's ACK has to do.
    /// </summary>
    public static readonly TcpTables Secure = new(
        input:
        [
            SynReceived, Close,     Established, Close,
            Established, CloseWait, Established, Close,
            Established, SynSent,   SynSent,     Close,
            SynReceived, TimeWait,  SynReceived, SynReceived,
            SynReceived, TimeWait,  FinWait,     Close,
            SynReceived, TimeWait,  TimeWait,    Close,
            SynReceived, Close,     Close,       Close,
            SynReceived, CloseWait, CloseWait,   Close,
            SynReceived, LastAck,   Close,       Close,
            SynReceived, Close,     Listen,      Close,
            SynAck,      SynAck,    SynAck,      Close,
        ],
        output:
        [
            SynSent,     TimeWait,  Established, Close,
            Established, FinWait,   Established, Close,
            SynSent,     SynSent,   SynSent,     SynSent,
            SynAck,      TimeWait,  Established, Close,
            SynSent,     FinWait,   FinWait,     Close,
            SynSent,     TimeWait,  TimeWait,    TimeWait,
            SynSent,     Close,     Close,       Close,
            SynSent,     TimeWait,  CloseWait,   Close,
            SynSent,     LastAck,   LastAck,     Close,
            SynSent,     Close,     Established, Close,
            SynAck,      TimeWait,  Established, Close,
        ],
        inputOnly:
        [
            SynAck,      Close,     Established, Close,
            Established, FinWait,   Established, Close,
            Established, SynSent,   SynSent,     Close,
            SynReceived, TimeWait,  Established, SynReceived,
            SynAck,      FinWait,   FinWait,     Close,
            SynAck,      TimeWait,  TimeWait,    Close,
            SynAck,      Close,     Close,       Close,
            SynAck,      CloseWait, CloseWait,   Close,
            SynAck,      LastAck,   Close,       Close,
            SynAck,      Close,     Listen,      Close,
            SynAck,      TimeWait,  Established, Close,
        ]);

    /// <param name="state">NONE to SYNACK.</param>
    /// <param name="direction">Where the packet comes from.</param>
    /// <param name="noOutput">No packet of the server has ever been seen.</param>
    /// <param name="column">0 to 3.</param>
    public ConnectionState Next(ConnectionState state, PacketDirection direction, bool noOutput, int column)
    {
        ConnectionState[] table = direction == PacketDirection.Output ? output : noOutput ? inputOnly : input;
        return table[((int)state * Events) + column];
    }
}
