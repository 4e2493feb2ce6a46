using System.Buffers.Binary;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tables;

/// <summary>What <c>-p</c>, <c>-M</c> and <c>--pe</c> of a service mean for its packets.</summary>
public sealed class Persistence
{
    private readonly uint _netmask;
    private readonly byte _prefixLength;

    private Persistence(VirtualService configuration)
    {
        Timeout = configuration.PersistenceTimeout;
        UsesCallId = configuration.PersistenceEngine == "sip";
        _prefixLength = configuration.PrefixLength;
        _netmask = configuration.PersistenceNetmask is { } mask ? BinaryPrimitives.ReadUInt32BigEndian(mask.GetAddressBytes()) : uint.MaxValue;
    }

    /// <summary>Null: the service is not persistent.</summary>
    public static Persistence? Of(VirtualService configuration) =>
        configuration.Flags.HasFlag(ServiceFlags.Persistent) ? new Persistence(configuration) : null;

    /// <summary>Seconds that a template lives after its last new connection.</summary>
    public uint Timeout { get; }

    /// <summary><c>--pe sip</c>: clients are told apart by the Call-ID of their messages as well.</summary>
    public bool UsesCallId { get; }

    /// <summary>The clients that share a template with this one. (IPVS takes any IPv4 mask, also one with holes.)</summary>
    public IpAddress GroupOf(IpAddress client) =>
        client.IsIpv4 ? IpAddress.FromIpv4(client.Ipv4 & _netmask) : client.Masked(_prefixLength);
}
