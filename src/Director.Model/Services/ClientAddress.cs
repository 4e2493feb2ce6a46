namespace Director.Model;

/// <summary>How a real server behind FULLNAT is told who the client is, for TCP. Numbers travel over the control socket: append only.</summary>
public enum ClientAddress : byte
{
    /// <summary>It is not: the server sees the director's local address.</summary>
    None = 0,

    /// <summary><c>--proxy-protocol</c>: each stream begins with a header of the PROXY protocol, version 2. The server must expect it.</summary>
    ProxyProtocol = 1,

    /// <summary><c>--toa</c>: a TCP option in the handshake, read by a kernel module (toa) on the server.</summary>
    Toa = 2,
}
