namespace Director.Dataplane.Connections;

/// <summary>UDP has one state, entered with the first datagram and restarted by every one, from either side.</summary>
public static class UdpStates
{
    public static ConnectionState Next() => ConnectionState.Udp;
}
