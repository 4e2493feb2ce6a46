namespace Director.Dataplane.Wire;

/// <summary>
/// Why a frame ended at the director. Each reason is a counter (<c>director_dropped_packets_total{reason}</c>, <c>director status</c>);
/// nothing is dropped without one. The order is the wire order of the counters: append only.
/// </summary>
public enum DropReason : byte
{
    /// <summary>Not dropped.</summary>
    None = 0,

    // Malformed: the frame contradicts itself.
    EthernetTruncated,
    ArpTruncated,
    ArpInvalid,
    Ipv4Truncated,
    Ipv4VersionInvalid,
    Ipv4HeaderLengthInvalid,
    Ipv4TotalLengthInvalid,
    Ipv4ChecksumInvalid,
    TcpTruncated,
    TcpDataOffsetInvalid,
    UdpTruncated,
    UdpLengthInvalid,
    IcmpTruncated,
    IcmpChecksumInvalid,
    /// <summary>The ICMP error quotes a packet that cannot be read.</summary>
    IcmpQuoteInvalid,
    /// <summary>The offload header (virtio-net) contradicts the frame.</summary>
    OffloadInvalid,
    /// <summary>Source address 0.0.0.0/8, 127/8, multicast or broadcast, or one of our own.</summary>
    SourceInvalid,

    // Well-formed, but it cannot go on.
    FragmentUnmatched,
    TimeToLiveExceeded,
    TooBig,
    NoRoute,
    NeighbourUnresolved,
    NeighbourQueueFull,
    InterfaceDown,
    NoServerAvailable,
    /// <summary>Of a connection whose real server was deleted (IPVS: expire_nodest_conn=0).</summary>
    ServerDeleted,
    ConnectionTableFull,
    /// <summary>To an owned address, but no service, and an answer was sent or rate-limited.</summary>
    NoService,
    /// <summary>TCP without SYN, or SCTP without INIT, and without a connection.</summary>
    NoConnection,
    /// <summary>An answer (RST, ICMP) was owed, but the rate limit held it back.</summary>
    AnswerRateLimited,
    ProtocolUnsupported,
    /// <summary>This director does not own the addresses now.</summary>
    NotOwner,
    TransmitFailed,

    // IPv6, malformed or refused.
    Ipv6Truncated,
    Ipv6VersionInvalid,
    /// <summary>Beyond the frame, or a jumbogram (RFC 2675).</summary>
    Ipv6PayloadLengthInvalid,
    /// <summary>An IPv4-mapped address on the wire.</summary>
    Ipv6AddressInvalid,
    /// <summary>An extension header that ends beyond the packet or stands where it may not.</summary>
    Ipv6ExtensionInvalid,
    Ipv6ExtensionsTooMany,
    /// <summary>Type 0, which RFC 5095 forbids, or one that leads on from an address of ours.</summary>
    Ipv6RoutingHeader,
    Ipv6FragmentInvalid,
    NeighbourDiscoveryInvalid,
    MulticastListenerInvalid,

    // SCTP, malformed.
    /// <summary>No whole SCTP header with a chunk, or a chunk's header that is cut off.</summary>
    SctpTruncated,
    /// <summary>An SCTP chunk shorter than its own header, or one that ends beyond the packet.</summary>
    SctpChunkLengthInvalid,

    // FULLNAT.
    /// <summary>No local address has a port left towards the server.</summary>
    LocalPortsExhausted,
    /// <summary>From a client that is to be introduced, before its server answered: its SYN alone may go on.</summary>
    HandshakeIncomplete,

    // Defences.
    /// <summary>It would have begun a connection, but drop_packet was in force.</summary>
    DefenceDropped,
    Count,
}
