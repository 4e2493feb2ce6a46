using System.Runtime.InteropServices;

namespace Director.Dataplane.Linux.Netlink;

/// <summary>struct sockaddr_nl.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NetlinkAddress
{
    public ushort Family;
    public ushort Padding;
    public uint Port;
    public uint Groups;
}

/// <summary>struct ifinfomsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InterfaceMessage
{
    public byte Family;
    public byte Padding;
    public ushort DeviceType;
    public int Index;
    public uint Flags;
    public uint Change;
}

/// <summary>struct ifaddrmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressMessage
{
    public byte Family;
    public byte PrefixLength;
    public byte Flags;
    public byte Scope;
    public int Index;
}

/// <summary>struct rtmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RouteMessage
{
    public byte Family;
    public byte DestinationLength;
    public byte SourceLength;
    public byte TypeOfService;
    public byte Table;
    public byte Protocol;
    public byte Scope;
    public byte Type;
    public uint Flags;
}

/// <summary>struct rtnexthop.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NextHopMessage
{
    public ushort Length;
    public byte Flags;
    public byte Hops;
    public int Index;
}

/// <summary>struct ndmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NeighbourMessage
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public ushort State;
    public byte Flags;
    public byte Type;
}

/// <summary>struct tc_mirred.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MirrorAction
{
    public uint ActionIndex;
    public uint Capabilities;
    public int Verdict;
    public int References;
    public int Bindings;
    public int Kind;
    public int InterfaceIndex;
}

/// <summary>struct tcmsg.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TrafficMessage
{
    public byte Family;
    public byte Padding1;
    public ushort Padding2;
    public int Index;
    public uint Handle;
    public uint Parent;
    public uint Info;
}
