using Director.Dataplane.Wire;
using static Director.Dataplane.Connections.ConnectionState;

namespace Director.Dataplane.Connections;

/// <summary>
/// How a packet moves the state of an SCTP connection: as recorded from IPVS, which has all that follows from RFC 9260's
/// association diagram (section 4) for somebody in between who keeps no tags and no sequence numbers. A rule that is not there
/// leaves the state as it is.
/// </summary>
/// <remarks>
/// Things to know: INIT of a client is INIT1 (4 s) until another one makes it INIT; the usual life is INIT1, C-SENT, C-REPLIED,
/// ESTABLISHED, S-SENT or S-RECEIVED, S-ACK-SENT, CLOSED. ABORT closes whatever there is. A connection that sloppy_sctp opened
/// begins in NONE with whatever came first.
/// </remarks>
public static class SctpStates
{
    /// <summary>
    /// The first chunk's, since INIT, INIT ACK and SHUTDOWN COMPLETE stand alone and data says nothing; but an ABORT may follow
    /// a cookie's chunk in the same packet (RFC 9260 section 3.3.7), and then it counts.
    /// </summary>
    public static PacketEvent EventOf(SctpHeader packet)
    {
        SctpChunks chunks = packet.Chunks;
        if (!chunks.MoveNext())
            return PacketEvent.None;
        byte type = chunks.Current.Type;
        if (type is SctpChunkType.CookieEcho or SctpChunkType.CookieAck && chunks.MoveNext() && chunks.Current.Type == SctpChunkType.Abort)
            type = SctpChunkType.Abort;
        return type switch
        {
            SctpChunkType.Init => PacketEvent.SctpInit,
            SctpChunkType.InitAck => PacketEvent.SctpInitAck,
            SctpChunkType.CookieEcho => PacketEvent.SctpCookieEcho,
            SctpChunkType.CookieAck => PacketEvent.SctpCookieAck,
            SctpChunkType.Shutdown => PacketEvent.SctpShutdown,
            SctpChunkType.ShutdownAck => PacketEvent.SctpShutdownAck,
            SctpChunkType.ShutdownComplete => PacketEvent.SctpShutdownComplete,
            SctpChunkType.Error => PacketEvent.SctpError,
            SctpChunkType.Abort => PacketEvent.SctpAbort,
            _ => PacketEvent.SctpData,
        };
    }

    /// <param name="state">NONE or an SCTP state.</param>
    /// <param name="direction">Where the packet comes from.</param>
    /// <param name="noOutput">No packet of the server has ever been seen (<see cref="ConnectionFlags.NoOutput"/>).</param>
    /// <param name="packet">Others than SCTP's change nothing.</param>
    public static ConnectionState Next(ConnectionState state, PacketDirection direction, bool noOutput, PacketEvent packet) =>
        direction == PacketDirection.Output ? FromServer(state, packet)
        : noOutput ? FromClientAlone(state, packet)
        : FromClient(state, packet);

    private static ConnectionState FromClient(ConnectionState state, PacketEvent packet) => (packet, state) switch
    {
        (PacketEvent.SctpData, None) => SctpEstablished,

        (PacketEvent.SctpInit, None or SctpClosed) => SctpInit1,
        (PacketEvent.SctpInit, SctpInit1 or SctpRejected) => SctpInit,

        // The client is the side that is called.
        (PacketEvent.SctpInitAck, None or SctpInit1 or SctpInit) => SctpCookieWait,
        (PacketEvent.SctpInitAck, SctpCookieWait) => SctpCookie,

        (PacketEvent.SctpCookieEcho, None or SctpCookieSent) => SctpCookieReplied,
        (PacketEvent.SctpCookieEcho, SctpInit1) => SctpInit,
        (PacketEvent.SctpCookieAck, None or SctpCookieEchoed) => SctpEstablished,

        (PacketEvent.SctpShutdown, None or SctpEstablished) => SctpShutdownReceived,
        (PacketEvent.SctpShutdownAck, None or SctpShutdownSent or SctpShutdownAckSent) => SctpClosed,
        (PacketEvent.SctpShutdownAck, SctpInit1) => SctpInit,
        (PacketEvent.SctpShutdownComplete, None or SctpInit1 or SctpInit or SctpShutdownAckSent) => SctpClosed,

        (PacketEvent.SctpError, None or SctpCookieEchoed) => SctpClosed,
        (PacketEvent.SctpAbort, SctpCookieWait) => SctpRejected,
        (PacketEvent.SctpAbort, _) => SctpClosed,
        _ => state,
    };

    private static ConnectionState FromServer(ConnectionState state, PacketEvent packet) => (packet, state) switch
    {
        // The server calls the client, whatever there was between them, unless they are talking.
        (PacketEvent.SctpInit, not SctpEstablished) => SctpCookieWait,
        (PacketEvent.SctpInitAck, SctpInit1 or SctpInit) => SctpCookieSent,

        (PacketEvent.SctpCookieEcho, SctpInit1 or SctpInit or SctpCookieSent or SctpCookieReplied or SctpCookieWait or SctpCookie)
            => SctpCookieEchoed,
        (PacketEvent.SctpCookieAck, >= SctpInit1 and <= SctpCookieEchoed) => SctpEstablished,

        (PacketEvent.SctpShutdown, >= SctpInit1 and <= SctpEstablished) => SctpShutdownSent,
        (PacketEvent.SctpShutdownAck, SctpInit1 or SctpInit or SctpCookieSent or SctpCookieReplied or SctpShutdownSent or SctpShutdownReceived)
            => SctpShutdownAckSent,

        (PacketEvent.SctpError, SctpInit1 or SctpInit or SctpCookieSent or SctpCookieReplied) => SctpClosed,
        (PacketEvent.SctpAbort, SctpInit1) => SctpRejected,
        (PacketEvent.SctpAbort, _) => SctpClosed,
        _ => state,
    };

    // Replies go past us (direct routing, tunnels): what the client sends tells what the server must have sent. States that only
    // a server's packet leads to do not happen here.
    private static ConnectionState FromClientAlone(ConnectionState state, PacketEvent packet) => (packet, state) switch
    {
        (PacketEvent.SctpInitAck, None or SctpInit1 or SctpInit) => SctpCookieEchoed,
        (PacketEvent.SctpCookieEcho, None or SctpInit1 or SctpInit) => SctpEstablished,
        (PacketEvent.SctpShutdownAck, SctpEstablished) => SctpClosed,
        (PacketEvent.SctpShutdownComplete, SctpShutdownReceived) => SctpClosed,
        (PacketEvent.SctpError, SctpCookieEchoed) => SctpCookieEchoed,
        _ => FromClient(state, packet),
    };
}
