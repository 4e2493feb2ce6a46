using Director.Dataplane.Wire;
using static Director.Dataplane.Connections.ConnectionState;

namespace Director.Dataplane.Connections;

/// <summary>
/// How a packet moves the state of a TCP connection: IPVS's tables with default sysctls, as recorded from it. The director
/// only watches; it keeps no sequence numbers, so its states are a guess at the ends' that errs towards keeping connections.
/// </summary>
/// <remarks>
/// Things to know: a client's FIN leads to CLOSE_WAIT (60 s) where replies are seen, a server's to FIN_WAIT; where they are
/// not, a client's FIN leads to FIN_WAIT and nothing but RST or SYN further. A SYN on a connection that is closing opens it
/// again (conn_reuse). A RST in SYN_RECV counts only from the server: anybody can forge the client's.
/// </remarks>
public static class TcpStates
{
    private const int Events = 4;

    // Rows by state in the order of the enum, NONE to SYNACK. LAST_ACK, LISTEN and SYNACK are never entered by these tables
    // (SYNACK belongs to secure_tcp); their rows only see to it that a connection which got there by a sync can leave.
    private static readonly ConnectionState[] Input =
    [
        // SYN       FIN        ACK          RST
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
    ];

    private static readonly ConnectionState[] Output =
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
    ];

    // Replies go past us (direct routing, tunnels): the client's side alone has to tell.
    private static readonly ConnectionState[] InputOnly =
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
    ];

    /// <summary>Whether a packet of no connection opens one: any with SYN, also SYN and ACK.</summary>
    public static bool Opens(TcpFlags flags) => (flags & (TcpFlags.Syn | TcpFlags.Rst)) == TcpFlags.Syn;

    /// <param name="state">A TCP state; others count as NONE.</param>
    /// <param name="direction">Where the packet comes from.</param>
    /// <param name="noOutput">No packet of the server has ever been seen (<see cref="ConnectionFlags.NoOutput"/>).</param>
    /// <param name="flags">Of the packet. Without any of SYN, FIN, ACK and RST it closes the connection, as in IPVS.</param>
    public static ConnectionState Next(ConnectionState state, PacketDirection direction, bool noOutput, TcpFlags flags)
    {
        int column = (flags & (TcpFlags.Rst | TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack)) switch
        {
            var set when (set & TcpFlags.Rst) != 0 => 3,
            var set when (set & TcpFlags.Syn) != 0 => 0,
            var set when (set & TcpFlags.Fin) != 0 => 1,
            TcpFlags.Ack => 2,
            _ => -1,
        };
        if (column < 0)
            return Close;
        ConnectionState[] table = direction == PacketDirection.Output ? Output : noOutput ? InputOnly : Input;
        int row = state <= SynAck ? (int)state : 0;
        return table[(row * Events) + column];
    }
}
