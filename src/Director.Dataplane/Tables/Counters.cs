namespace Director.Dataplane.Tables;

/// <summary>What a service or server has seen: connections, packets and bytes (IP total length), in = client to server.</summary>
public struct Counters
{
    public ulong Connections;
    public ulong InPackets;
    public ulong OutPackets;
    public ulong InBytes;
    public ulong OutBytes;

    public void Add(in Counters more)
    {
        Connections += more.Connections;
        InPackets += more.InPackets;
        OutPackets += more.OutPackets;
        InBytes += more.InBytes;
        OutBytes += more.OutBytes;
    }

    public void CountIn(int bytes)
    {
        InPackets++;
        InBytes += (uint)bytes;
    }

    public void CountOut(int bytes)
    {
        OutPackets++;
        OutBytes += (uint)bytes;
    }
}
