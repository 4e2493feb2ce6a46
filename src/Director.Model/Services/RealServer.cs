using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text.Json.Serialization;

namespace Director.Model;

/// <summary>How packets to a tunnelled real server are wrapped (<c>--tun-type</c>).</summary>
public enum TunnelType : byte
{
    IpIp = 0,
    Gue = 1,
    Gre = 2,
}

/// <summary>Checksum options of a tunnel, with IPVS's bit values (IP_VS_TUNNEL_ENCAP_FLAG_*).</summary>
[Flags]
public enum TunnelFlags : ushort
{
    None = 0,
    Checksum = 0x0001,
    RemoteChecksum = 0x0002,
}

/// <summary>A real server of one virtual service (IPVS: destination). Identified within its service by address and port.</summary>
public sealed record RealServer
{
    public RealServer()
    {
    }

    /// <summary>For JSON: see <see cref="VirtualService"/>.</summary>
    [JsonConstructor]
    [SetsRequiredMembers]
    internal RealServer(
        IPAddress address, ushort port, ForwardingMethod forwarding = ForwardingMethod.DirectRoute, int weight = 1,
        uint upperThreshold = 0, uint lowerThreshold = 0, TunnelType tunnelType = TunnelType.IpIp, ushort tunnelPort = 0, TunnelFlags tunnelFlags = TunnelFlags.None,
        ClientAddress clientAddress = ClientAddress.None)
    {
        Address = address;
        Port = port;
        Forwarding = forwarding;
        Weight = weight;
        UpperThreshold = upperThreshold;
        LowerThreshold = lowerThreshold;
        TunnelType = tunnelType;
        TunnelPort = tunnelPort;
        TunnelFlags = tunnelFlags;
        ClientAddress = clientAddress;
    }

    [JsonRequired]
    public required IPAddress Address { get; init; }

    /// <summary>Port in host order. For DR and TUN it equals the service's port (IPVS forces it), except under a firewall mark.</summary>
    [JsonRequired]
    public required ushort Port { get; init; }

    public ForwardingMethod Forwarding { get; init; } = ForwardingMethod.DirectRoute;

    /// <summary>0 .. 2147483647; 0 means no new connections.</summary>
    public int Weight { get; init; } = 1;

    /// <summary><c>-x</c>: most connections before the server counts as overloaded; 0 is no limit.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary><c>-y</c>: connections below which an overloaded server is used again; 0 means three quarters of the upper one.</summary>
    public uint LowerThreshold { get; init; }

    public TunnelType TunnelType { get; init; }

    /// <summary>UDP port of a GUE tunnel.</summary>
    public ushort TunnelPort { get; init; }

    public TunnelFlags TunnelFlags { get; init; }

    /// <summary>Only with <see cref="ForwardingMethod.FullNat"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ClientAddress ClientAddress { get; init; }

    public bool IsAt(IPAddress address, ushort port) => Port == port && Address.Equals(address);
}
