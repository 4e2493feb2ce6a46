using System.Net;

namespace Director.Model;

/// <summary>Counters and rates as in <c>ipvsadm --stats</c> / <c>--rate</c>; "in" is client to server. Bytes are IP total lengths.</summary>
public sealed record Statistics(
    ulong Connections = 0, ulong InPackets = 0, ulong OutPackets = 0, ulong InBytes = 0, ulong OutBytes = 0,
    ulong ConnectionRate = 0, ulong InPacketRate = 0, ulong OutPacketRate = 0, ulong InByteRate = 0, ulong OutByteRate = 0);

/// <summary>What was observed of a real server. Matches <see cref="VirtualService.Servers"/> by address and port.</summary>
public sealed record ServerStatus(
    IPAddress Address, ushort Port, uint ActiveConnections, uint InactiveConnections, uint PersistentConnections, Statistics Statistics);

/// <summary>A service as configured, with what was observed of it and its servers (same order as configured).</summary>
public sealed record ServiceListing(VirtualService Service, Statistics Statistics, ServerStatus[] Servers);

/// <summary>
/// <c>GET /api/v1/services</c>, in the order in which the services were added. <paramref name="ConnectionTableSize"/> is
/// shown by ipvsadm as <c>(size=N)</c>.
/// </summary>
public sealed record ServicesListing(ServiceListing[] Services, uint ConnectionTableSize);

/// <summary>One line of <c>ipvsadm -Lc</c>. <paramref name="State"/> is IPVS's name; <paramref name="Expires"/> is in seconds.</summary>
public sealed record ConnectionEntry(
    TransportProtocol Protocol, uint Expires, string State,
    IPAddress Client, ushort ClientPort, IPAddress Virtual, ushort VirtualPort, IPAddress Server, ushort ServerPort,
    string? PersistenceEngine = null, string? PersistenceData = null);

/// <summary>RFC 9457 problem details, as every error of the management API is written.</summary>
public sealed record Problem(string Title, int Status, string? Detail = null, string? Instance = null, string? Type = null);

/// <summary><c>GET /api/v1/status</c>: what <c>director status</c> shows.</summary>
public sealed record DirectorStatus(
    string Name, string Version, bool Ready, string Role, ulong Revision, int Services, int RealServers, EngineStatus Engine)
{
    /// <summary>Who owns the addresses, as this director sees it.</summary>
    public ElectionListing? Election { get; init; }

    /// <summary>Connections between the owner and its standbys.</summary>
    public SyncListing? Sync { get; init; }

    /// <summary>Other directors that this one works with now.</summary>
    public PeerStatus[] Peers { get; init; } = [];
}

/// <summary>Another director, by the address of its side of the link.</summary>
public sealed record PeerStatus(string Name, string Address);

/// <summary>The engine as directord sees it. Uptime in seconds. Drops by reason and other counters by name.</summary>
public sealed record EngineStatus(
    bool Connected, int ProcessId, string Version, uint Protocol, ulong Revision, long UptimeSeconds,
    uint Connections, uint ConnectionLimit, InterfaceStatus[] Interfaces, Dictionary<string, ulong> Drops, Dictionary<string, ulong> Counters,
    string[] OwnedAddresses, string[] Warnings);

/// <summary>An interface of the engine: <paramref name="Mac"/> is the address that it answers with.</summary>
public sealed record InterfaceStatus(string Name, bool Carrier, string Mac, int Mtu, string FastPath, ulong ReceivedPackets, ulong SentPackets, ulong KernelDrops);
