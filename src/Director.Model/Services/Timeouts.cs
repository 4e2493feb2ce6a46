namespace Director.Model;

/// <summary>The three timeouts of <c>ipvsadm --set</c>, in seconds, with IPVS's defaults. In a change, 0 leaves a value as it is.</summary>
public sealed record Timeouts(uint Tcp = 900, uint TcpFin = 120, uint Udp = 300)
{
    public Timeouts Changed(Timeouts by) => new(
        by.Tcp != 0 ? by.Tcp : Tcp, by.TcpFin != 0 ? by.TcpFin : TcpFin, by.Udp != 0 ? by.Udp : Udp);
}
