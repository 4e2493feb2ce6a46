using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// Which real server of which service: what stays the same over a restart of the engine, and when a deleted server is added
/// back. Addresses are their 16 bytes in network order as two words, IPv4 in the first four; ports and mark in host order.
/// </summary>
public readonly record struct ServerIdentity(
    byte Protocol, AddressWords Virtual, ushort VirtualPort, uint Mark, AddressWords Address, ushort Port)
{
    public static ServerIdentity Of(ServiceKey service, RealServer server) => new(
        (byte)service.Protocol,
        service.IsFirewallMark ? AddressWords.Of(service.Family) : AddressWords.Of(service.Address),
        service.Port,
        service.Mark,
        AddressWords.Of(server.Address),
        server.Port);
}

/// <summary>An address of either family (4 or 6), as its bytes in memory.</summary>
public readonly record struct AddressWords(byte Family, ulong First, ulong Second)
{
    /// <summary>The unspecified address of a family.</summary>
    public static AddressWords Of(AddressFamily family) => new(family == AddressFamily.InterNetworkV6 ? (byte)6 : (byte)4, 0, 0);

    public static AddressWords Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        return Of(address.AddressFamily) with
        {
            First = BitConverter.ToUInt64(bytes),
            Second = BitConverter.ToUInt64(bytes[8..]),
        };
    }

    /// <summary>Of an IPv4 address in host order.</summary>
    public static AddressWords OfIpv4(uint address)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, address);
        return new AddressWords(4, BitConverter.ToUInt64(bytes), 0);
    }
}
