using Director.Model;

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
    /// <param name="settings">Of which sloppy_tcp and sloppy_sctp count.</param>
    public static bool Opens(PacketEvent packet, Settings settings) => packet switch
    {
        PacketEvent.Datagram or PacketEvent.TcpSyn or PacketEvent.SctpInit => true,
        PacketEvent.None or PacketEvent.TcpRst or PacketEvent.SctpAbort => false,
        <= PacketEvent.TcpNoFlag => settings.SloppyTcp,
        _ => settings.SloppySctp,
    };

    /// <summary>Whether a packet is the first of a connection: with it the client itself begins one.</summary>
    public static bool Begins(PacketEvent packet) => packet is PacketEvent.TcpSyn or PacketEvent.SctpInit;

    /// <summary>
    /// Whether a client's packet on a connection that is over begins another one, with a server chosen afresh: the client has come
    /// round to the same port. Connections under a template keep their server.
    /// </summary>
    /// <param name="packet">The packet's event.</param>
    /// <param name="connection">The one that the packet was found to belong to.</param>
    /// <param name="settings">
    /// Of which conn_reuse_mode counts: 0 never; else when it has ended; with bit 1 set also in FIN_WAIT where replies are not
    /// seen, since that is as far as such connections get.
    /// </param>
    public static bool Replaces(PacketEvent packet, in ConnectionRecord connection, Settings settings)
    {
        int mode = settings.ConnReuseMode;
        if (mode == 0 || !Begins(packet) || (connection.Flags & ConnectionFlags.Controlled) != 0)
            return false;
        return connection.State switch
        {
            ConnectionState.TimeWait or ConnectionState.Close or ConnectionState.SctpClosed => true,
            ConnectionState.FinWait => (mode & 2) != 0 && (connection.Flags & ConnectionFlags.NoOutput) != 0,
            _ => false,
        };
    }
}
