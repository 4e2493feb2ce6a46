namespace Director.Dataplane.Linux.Netlink;

/// <summary>Numbers of rtnetlink(7): linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h, neighbour.h, pkt_sched.h, pkt_cls.h.</summary>
internal static class Rtnetlink
{
    // Messages.
    public const ushort Error = 2;
    public const ushort Done = 3;
    public const ushort NewLink = 16;
    public const ushort DeleteLink = 17;
    public const ushort GetLink = 18;
    public const ushort NewAddress = 20;
    public const ushort DeleteAddress = 21;
    public const ushort GetAddress = 22;
    public const ushort NewRoute = 24;
    public const ushort DeleteRoute = 25;
    public const ushort GetRoute = 26;
    public const ushort NewNeighbour = 28;
    public const ushort DeleteNeighbour = 29;
    public const ushort GetNeighbour = 30;
    public const ushort NewQueueingDiscipline = 36;
    public const ushort DeleteQueueingDiscipline = 37;
    public const ushort NewFilter = 44;
    public const ushort DeleteFilter = 45;
    public const ushort GetFilter = 46;

    // Flags of a message.
    public const ushort Request = 0x1;
    public const ushort Acknowledge = 0x4;
    public const ushort DumpInterrupted = 0x10;
    public const ushort Exclusive = 0x200;
    public const ushort Dump = 0x300;
    public const ushort Create = 0x400;

    // Multicast groups (RTMGRP_*): links, neighbours; addresses and routes of IPv4, of IPv6; IPv6 settings of links.
    public const uint AllGroups = 0x1 | 0x4 | 0x10 | 0x40 | 0x100 | 0x400 | 0x800;

    // Attributes.
    public const ushort LinkAddress = 1;
    public const ushort LinkName = 3;
    public const ushort LinkMtu = 4;
    public const ushort LinkInformation = 18;
    public const ushort LinkKind = 1; // in the information, as the next
    public const ushort LinkData = 2;
    public const ushort VethPeer = 1; // in veth's data
    public const ushort LinkProtocolInformation = 12;
    public const ushort LinkFamilies = 26; // IFLA_AF_SPEC: what each family keeps of the link
    public const ushort LinkExtensionMask = 29;
    public const ushort Ipv6Settings = 2; // IFLA_INET6_CONF: an array of numbers
    public const ushort Ipv6Generation = 8; // IFLA_INET6_ADDR_GEN_MODE
    public const ushort AddressPeer = 1;
    public const ushort AddressLocal = 2;
    public const ushort AddressBroadcast = 4;
    public const ushort AddressFlags = 8;
    public const ushort RouteDestination = 1;
    public const ushort RouteInterface = 4;
    public const ushort RouteGateway = 5;
    public const ushort RouteMetric = 6;
    public const ushort RoutePreferredSource = 7;
    public const ushort RouteMetrics = 8;
    public const ushort RouteMultipath = 9;
    public const ushort RouteTable = 15;
    public const ushort RouteVia = 18;
    public const ushort RouteEncapsulation = 22;
    public const ushort MetricsMtu = 2;
    public const ushort NeighbourDestination = 1;
    public const ushort NeighbourLinkAddress = 2;
    public const ushort TrafficKind = 1;
    public const ushort TrafficOptions = 2;
    public const ushort BpfActions = 1;
    public const ushort BpfOperationsLength = 4;
    public const ushort BpfOperations = 5;
    public const ushort BpfFlags = 8;
    public const ushort ActionKind = 1;
    public const ushort ActionOptions = 2;
    public const ushort MirrorParameters = 2; // TCA_MIRRED_PARMS

    // Values.
    public const byte Ipv4 = 2; // AF_INET
    public const byte Ipv6 = 10; // AF_INET6
    public const int SettingMtu = 2; // DEVCONF_MTU6: place in the array
    public const uint AddressOptimistic = 0x04;
    public const uint AddressDuplicate = 0x08; // IFA_F_DADFAILED
    public const uint AddressTentative = 0x40;
    public const uint SkipStatistics = 1 << 3;
    public const uint LinkUp = 0x1;
    public const uint LinkLowerUp = 0x10000;
    public const uint TableMain = 254;
    public const uint TableLocal = 255;
    public const uint RouteCloned = 0x200;
    public const uint NextHopDead = 0x1;
    public const uint NextHopLinkDown = 0x10;
    public const byte NoAddresses = 1; // IN6_ADDR_GEN_MODE_NONE
    public const byte NeighbourUse = 0x1; // NTF_USE: as if a packet had been sent
    public const byte NeighbourProxy = 0x8;
}
