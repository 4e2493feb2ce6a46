namespace Director.Dataplane.Connections;

/// <summary>
/// Which packet may begin a connection: where there is none (<see cref="Opens"/>), and in the place of one that is over
/// (<see cref="Replaces"/>). As in IPVS, with its settings.
/// </summary>
public static class OpeningRules
{
    /// <summary>
    /// Whether a client's packet of no connection opens one: any datagram, a SYN (also SYN and ACK), an INIT. The sloppy
    /// settings let any other packet do it as well, for directors that take over connections which they have not seen begin; but
    /// RST and ABORT begin nothing.
    /// </summary>
    /// <param name="packet">The packet's event.</param>
    /// <param name="sloppyTcp">The setting sloppy_tcp.</param>
    /// <param name="sloppySctp">The setting sloppy_sctp.</param>
    public static bool Opens(PacketEvent packet, bool sloppyTcp, bool sloppySctp) => packet switch
    {
        PacketEvent.Datagram or PacketEvent.TcpSyn or PacketEvent.SctpInit => true,
        PacketEvent.None or PacketEvent.TcpRst or PacketEvent.SctpAbort => false,
        <= PacketEvent.TcpNoFlag => sloppyTcp,
        _ => sloppySctp,
    };

    /// <summary>
    /// Whether a client's packet on a connection that is over begins another one, with a server chosen afresh (IPVS: conn_reuse_mode):
    /// the client has come round to the same port. Not asked for connections under a template, which keep their server.
    /// </summary>
    /// <param name="packet">The packet's event.</param>
    /// <param name="connection">The one that the packet was found to belong to.</param>
    /// <param name="connReuseMode">
    /// The setting: 0 never; else when it has ended; with bit 2 set also in FIN_WAIT where replies are not seen, since that is as
    /// far as such connections get.
    /// </param>
    public static bool Replaces(PacketEvent packet, in ConnectionRecord connection, int connReuseMode)
    {
        if (connReuseMode == 0 || packet is not (PacketEvent.TcpSyn or PacketEvent.SctpInit))
            return false;
        return connection.State switch
        {
            ConnectionState.TimeWait or ConnectionState.Close or ConnectionState.SctpClosed => true,
            ConnectionState.FinWait => (connReuseMode & 2) != 0 && (connection.Flags & ConnectionFlags.NoOutput) != 0,
            _ => false,
        };
    }
}
