namespace Director.Dataplane.Linux.Bpf.Programs;

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
