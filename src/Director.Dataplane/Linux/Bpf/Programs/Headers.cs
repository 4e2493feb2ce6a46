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
