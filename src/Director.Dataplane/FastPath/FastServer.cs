using System.Runtime.InteropServices;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FastPath;

/// <summary>What the fast-path program knows of a real server, at the number of its slot: one cache line.</summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FastServer
{
    public const int Size = 64;
    public const int InPacketsAt = 0;
    public const int InBytesAt = 8;
    public const int OutPacketsAt = 16;
    public const int OutBytesAt = 24;
    public const int HopAt = 32;
    public const int AddressAt = 40;

    /// <summary>Counted by the program alone, atomically.</summary>
    [FieldOffset(InPacketsAt)] public ulong InPackets;
    [FieldOffset(InBytesAt)] public ulong InBytes;
    [FieldOffset(OutPacketsAt)] public ulong OutPackets;
    [FieldOffset(OutBytesAt)] public ulong OutBytes;

    /// <summary>Number of the next hop towards it; 0: every packet to it is the engine's.</summary>
    [FieldOffset(HopAt)] public uint Hop;

    /// <summary>As in a packet: four bytes of IPv4, or sixteen.</summary>
    [FieldOffset(AddressAt)] private AddressBytes _address;
    [FieldOffset(AddressAt)] private uint _ipv4;

    public void SetAddress(IpAddress address)
    {
        _address.Value = address;
        if (address.IsIpv4)
            _ipv4 = NetworkOrder.Swap(address.Ipv4);
    }
}
