namespace Director.Dataplane.Connections;

/// <summary>Bits of <see cref="ConnectionRecord.Flags"/>. Stored in the connection memory: append only.</summary>
[Flags]
public enum ConnectionFlags : ushort
{
    None = 0,

    /// <summary>The record holds a connection.</summary>
    InUse = 0x0001,

    /// <summary>
    /// No packet of the server has come through here (IPVS: IP_VS_CONN_F_NOOUTPUT): set at birth for direct routing and tunnels,
    /// whose replies go past us, cleared by the first one that does come. It chooses the input-only state table.
    /// </summary>
    NoOutput = 0x0002,

    /// <summary>Also in the index "out": replies are translated.</summary>
    Reply = 0x0004,

    /// <summary>A persistence template: not a flow, never found by a packet.</summary>
    Template = 0x0008,

    /// <summary>The address words are digests; the addresses stand in <see cref="RecordExtension"/>.</summary>
    Ipv6 = 0x0010,

    /// <summary>Made by the template that <see cref="RecordExtension"/> names.</summary>
    Controlled = 0x0020,

    /// <summary>A template that a persistence engine tells apart, by its <see cref="Connections.PersistenceData"/>.</summary>
    PersistenceData = 0x0040,

    /// <summary>
    /// FULLNAT: the server does not know yet who the client is. The engine forwards the connection itself until it does.
    /// </summary>
    AddressOwed = 0x0080,

    /// <summary>A <see cref="Model.ForwardingMethod"/>, shifted by <see cref="ConnectionRecord.MethodShift"/>.</summary>
    MethodMask = 0x0700,

    /// <summary>FULLNAT: the server is told of the client by the PROXY protocol. Every SYN and SYN-ACK is the engine's.</summary>
    ProxyProtocol = 0x0800,

    /// <summary>FULLNAT: the server is told of the client by the TCP option TOA. Every SYN and SYN-ACK is the engine's.</summary>
    Toa = 0x1000,

    /// <summary>
    /// The fast-path program forwards the client's ordinary packets by itself: those that change nothing but counters and times.
    /// </summary>
    FastIn = 0x2000,

    /// <summary>The same of the server's, to the next hop of <see cref="ConnectionRecord.Hop"/>.</summary>
    FastOut = 0x4000,
}
