using System.Runtime.InteropServices;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// A real server in the side table that connections refer to, shared like the records. Both addresses have room for IPv6;
/// an IPv4 one is the first word.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct ServerSlot
{
    public const int Size = 64;

    /// <summary>The slot belongs to an identity.</summary>
    internal const byte InUse = 1;

    /// <summary>The forwarding table has this server; without it only connections hold the slot.</summary>
    internal const byte Configured = 2;

    [FieldOffset(0)] internal ulong VirtualFirst;
    [FieldOffset(8)] internal ulong VirtualSecond;
    [FieldOffset(16)] internal uint AddressWord;
    [FieldOffset(16)] internal ulong AddressFirst;
    [FieldOffset(24)] internal ulong AddressSecond;
    [FieldOffset(32)] internal ushort VirtualPortWord;
    [FieldOffset(34)] internal ushort PortWord;
    [FieldOffset(36)] internal uint Mark;
    [FieldOffset(40)] internal byte Protocol;
    [FieldOffset(41)] internal byte VirtualFamily;
    [FieldOffset(42)] internal byte AddressFamily;
    [FieldOffset(43)] internal byte MethodByte;
    [FieldOffset(44)] internal byte FlagBits;

    /// <summary>Two more for each new identity.</summary>
    [FieldOffset(46)] internal ushort Generation;

    [FieldOffset(48)] internal uint ReferenceCount;

    /// <summary>Connections that refer to it.</summary>
    public readonly uint References => ReferenceCount;

    public readonly bool IsInUse => (FlagBits & InUse) != 0;

    public readonly bool IsConfigured => (FlagBits & Configured) != 0;

    /// <summary>For new connections; each connection has its own copy.</summary>
    public readonly ForwardingMethod Forwarding => (ForwardingMethod)MethodByte;

    public readonly IpAddress Address => AddressFamily == 6
        ? new IpAddress(NetworkOrder.Swap(AddressFirst), NetworkOrder.Swap(AddressSecond))
        : IpAddress.FromIpv4(NetworkOrder.Swap(AddressWord));

    public readonly ushort Port => NetworkOrder.Swap(PortWord);

    public ServerIdentity Identity
    {
        readonly get => new(
            Protocol,
            new AddressWords(VirtualFamily, VirtualFirst, VirtualSecond),
            NetworkOrder.Swap(VirtualPortWord),
            Mark,
            new AddressWords(AddressFamily, AddressFirst, AddressSecond),
            NetworkOrder.Swap(PortWord));
        internal set
        {
            Protocol = value.Protocol;
            (VirtualFamily, VirtualFirst, VirtualSecond) = value.Virtual;
            VirtualPortWord = NetworkOrder.Swap(value.VirtualPort);
            Mark = value.Mark;
            (AddressFamily, AddressFirst, AddressSecond) = value.Address;
            PortWord = NetworkOrder.Swap(value.Port);
        }
    }
}
