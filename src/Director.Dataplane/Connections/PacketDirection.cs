namespace Director.Dataplane.Connections;

/// <summary>As IPVS counts it: in is from the client, out is from the server.</summary>
public enum PacketDirection : byte
{
    Input = 0,
    Output = 1,
}
