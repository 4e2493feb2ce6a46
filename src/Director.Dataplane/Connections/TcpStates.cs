using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>
/// How a packet moves the state of a TCP connection, as recorded from IPVS. The director only watches; it keeps no sequence
/// numbers, so its states are a guess at the ends' that errs towards keeping connections.
/// </summary>
/// <remarks>
/// Things to know: a client's FIN leads to CLOSE_WAIT (60 s) where replies are seen, a server's to FIN_WAIT; where they are
/// not, a client's FIN leads to FIN_WAIT and nothing but RST or SYN further. A SYN on a connection that is closing opens it
/// again. A RST in SYN_RECV counts only from the server: anybody can forge the client's.
/// </remarks>
public static class TcpStates
{
    /// <summary>RST counts before SYN, SYN before FIN, FIN before ACK.</summary>
    public static PacketEvent EventOf(TcpFlags flags) => (flags & (TcpFlags.Rst | TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Ack)) switch
    {
        var set when (set & TcpFlags.Rst) != 0 => PacketEvent.TcpRst,
        var set when (set & TcpFlags.Syn) != 0 => PacketEvent.TcpSyn,
        var set when (set & TcpFlags.Fin) != 0 => PacketEvent.TcpFin,
        TcpFlags.Ack => PacketEvent.TcpAck,
        _ => PacketEvent.TcpNoFlag,
    };

    /// <param name="state">A TCP state; others count as NONE.</param>
    /// <param name="direction">Where the packet comes from.</param>
    /// <param name="noOutput">No packet of the server has ever been seen (<see cref="ConnectionFlags.NoOutput"/>).</param>
    /// <param name="packet">One without any of the flags closes the connection, as in IPVS.</param>
    /// <param name="secure">The tables that are in force while secure_tcp is on.</param>
    public static ConnectionState Next(ConnectionState state, PacketDirection direction, bool noOutput, PacketEvent packet, bool secure = false)
    {
        if (packet is < PacketEvent.TcpSyn or > PacketEvent.TcpRst)
            return ConnectionState.Close;
        TcpTables tables = secure ? TcpTables.Secure : TcpTables.Ordinary;
        ConnectionState row = state <= ConnectionState.SynAck ? state : ConnectionState.None;
        return tables.Next(row, direction, noOutput, packet - PacketEvent.TcpSyn);
    }
}
