namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>Places in an Ethernet frame with an IPv4 header without options, and values there; two-byte ones as loaded natively.</summary>
internal static class Headers
{
    public const int EtherType = 12;
    public const int Ip = 14;
    public const int VersionAndLength = 14;
    public const int TotalLength = 16;
    public const int Fragment = 20;
    public const int TimeToLive = 22;
    public const int Protocol = 23;
    public const int IpChecksum = 24;
    public const int Source = 26;
    public const int Destination = 30;
    public const int Transport = 34;
    public const int SourcePort = 34;
    public const int DestinationPort = 36;
    public const int UdpLength = 38;
    public const int UdpChecksum = 40;
    public const int BehindUdp = 42;
    public const int TcpDataOffset = 46;
    public const int TcpFlags = 47;
    public const int TcpChecksum = 50;
    public const int BehindTcp = 54;

    public const int Version4WithoutOptions = 0x45;

    /// <summary>More fragments, the offset, the reserved bit: all but DF.</summary>
    public const int NotDontFragment = 0xFFBF;

    public const int SynFinRstAck = 0x17;
    public const int Ack = 0x10;
}

/// <summary>Places in a <see cref="Connections.ConnectionRecord"/>.</summary>
internal static class Offsets
{
    public const int ClientAddress = 0;
    public const int VirtualAddress = 4;
    public const int Ports = 8;
    public const int ClientPort = 8;
    public const int VirtualPort = 10;
    public const int Protocol = 12;
    public const int Flags = 14;
    public const int ServerWord = 16;
    public const int ServerPort = 20;
    public const int LocalPort = 22;
    public const int InBytes = 32;
    public const int OutBytes = 40;
    public const int InPackets = 48;
    public const int OutPackets = 52;
    public const int LastSeenIn = 56;
    public const int LastSeenOut = 60;
}

/// <summary>The program's variables, below the end of its stack.</summary>
internal static class Frame
{
    /// <summary>Of the packet as it came: source, destination, both ports, protocol.</summary>
    public const int Source = -8;
    public const int Destination = -4;
    public const int Ports = -16;
    public const int Protocol = -12;

    /// <summary>Of the packet as it leaves.</summary>
    public const int NewSource = -24;
    public const int NewDestination = -20;
    public const int NewPorts = -32;
    public const int NewSourcePort = -32;
    public const int NewDestinationPort = -30;

    /// <summary>Bytes of IP and transport headers.</summary>
    public const int HeaderLength = -28;

    /// <summary>Pointer to the <see cref="FastPath.FastServer"/>.</summary>
    public const int Server = -40;

    /// <summary>The next hop's words.</summary>
    public const int To = -48;
    public const int From = -56;
    public const int Device = -64;

    public const int AddressDifference = -72;
    public const int PortDifference = -80;

    /// <summary>Of the search: hash and bucket.</summary>
    public const int Hash = -88;
    public const int Bucket = -96;
}
