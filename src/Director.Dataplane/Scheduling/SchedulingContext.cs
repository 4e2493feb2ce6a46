using Director.Model;

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

    /// <summary>IPVS's sysctls in force; of meaning here are <c>lblc_expiration</c> and <c>lblcr_expiration</c>.</summary>
    public Settings Settings { get; set; } = Settings.Default;

    internal Random Random { get; } = new(seed);

    /// <summary>Made for the first service that needs it.</summary>
    internal DestinationTable Destinations => field ??= new DestinationTable(this, DestinationTable.DefaultCapacity);
}
