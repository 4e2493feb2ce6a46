namespace Director.Dataplane.Scheduling;

/// <summary>
/// What schedulers get from outside: time, chance, settings, and the memory that lblc and lblcr of all services share. One for a
/// table of services; used by the packet thread only.
/// </summary>
/// <param name="seed">Of everything random.</param>
public sealed class SchedulingContext(int seed)
{
    /// <summary>Milliseconds of the boot-time clock; set once a batch.</summary>
    public long Now { get; set; }

    /// <summary>Seconds after which lblc forgets a destination that nobody asked for (IPVS's setting lblc_expiration).</summary>
    public uint LblcExpiration { get; set; } = 24 * 60 * 60;

    /// <summary>
    /// Seconds after which lblcr forgets a destination that nobody asked for, and after which it takes a server from the set of one
    /// that has several (IPVS's setting lblcr_expiration).
    /// </summary>
    public uint LblcrExpiration { get; set; } = 24 * 60 * 60;

    internal Random Random { get; } = new(seed);

    /// <summary>Made for the first service that needs it.</summary>
    internal DestinationTable Destinations => field ??= new DestinationTable(this, DestinationTable.DefaultCapacity);
}
