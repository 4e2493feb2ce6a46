using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>How long a connection stays in a state without a packet: IPVS's timeouts, of which <c>ipvsadm --set</c> changes three.</summary>
public static class StateTimeouts
{
    /// <summary>What a controlled connection (a template still in use) gets when its time is up.</summary>
    public const uint Controlled = 60;

    public static uint Seconds(ConnectionState state, Timeouts timeouts) => state switch
    {
        ConnectionState.None => 2,
        ConnectionState.Established => timeouts.Tcp,
        ConnectionState.SynSent => 120,
        ConnectionState.SynReceived => 60,
        ConnectionState.FinWait => timeouts.TcpFin,
        ConnectionState.TimeWait => 120,
        ConnectionState.Close => 10,
        ConnectionState.CloseWait => 60,
        ConnectionState.LastAck => 30,
        ConnectionState.Listen => 120,
        ConnectionState.SynAck => 120,
        ConnectionState.Udp => timeouts.Udp,
        ConnectionState.SctpEstablished => 900,
        // The initial and the longest retransmission timeout (RFC 9260 section 16), and a second more.
        ConnectionState.SctpInit1 or ConnectionState.SctpRejected => 4,
        >= ConnectionState.SctpInit and <= ConnectionState.SctpClosed => 61,
        _ => Controlled,
    };
}
