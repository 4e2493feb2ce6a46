namespace Director.Model;

/// <summary>Flags of a virtual service, with IPVS's bit values (IP_VS_SVC_F_*).</summary>
[Flags]
public enum ServiceFlags : ushort
{
    None = 0,
    /// <summary><c>-p</c>.</summary>
    Persistent = 0x0001,
    /// <summary><c>-o</c> / <c>--ops</c>: each packet is scheduled for itself.</summary>
    OnePacket = 0x0004,
    /// <summary><c>-b flag-1</c>: sh-fallback, mh-fallback.</summary>
    Scheduler1 = 0x0008,
    /// <summary><c>-b flag-2</c>: sh-port, mh-port.</summary>
    Scheduler2 = 0x0010,
    /// <summary><c>-b flag-3</c>.</summary>
    Scheduler3 = 0x0020,
}
