namespace Director.Dataplane.Connections;

/// <summary>
/// The clock of the connection memory: a 32-bit count of ticks of 2^24 ns (16.8 ms) of the boot-time clock, so that an eBPF
/// program has it in one shift (<c>bpf_ktime_get_boot_ns() >> 24</c>) and any two processes agree. It wraps after 834 days of
/// uptime; ages and deadlines are differences, right as long as they are below half of that (417 days), and no timeout is
/// longer than <see cref="LongestTimeout"/>.
/// </summary>
public static class ConnectionClock
{
    public const int TickShift = 24;

    /// <summary>Seconds; longer ones are cut. (IPVS refuses above 2^31 / HZ seconds, which is 99 days.)</summary>
    public const uint LongestTimeout = 1 << 24;

    /// <summary>The tick of a time of the boot-time clock (CLOCK_BOOTTIME, which goes on while the machine sleeps).</summary>
    public static uint FromNanoseconds(long bootNanoseconds) => (uint)(bootNanoseconds >> TickShift);

    public static uint FromMilliseconds(long bootMilliseconds) => FromNanoseconds(bootMilliseconds * 1_000_000);

    /// <summary>A timeout in ticks, rounded up: nothing expires early.</summary>
    public static uint Ticks(uint seconds) =>
        (uint)(((ulong)Math.Min(seconds, LongestTimeout) * 1_000_000_000 + (1UL << TickShift) - 1) >> TickShift);

    /// <summary>Whole seconds in so many ticks, rounded down as ipvsadm shows them.</summary>
    public static uint Seconds(uint ticks) => (uint)(((ulong)ticks << TickShift) / 1_000_000_000);

    /// <summary>Ticks from <paramref name="earlier"/> to <paramref name="later"/>; negative if they are the other way round.</summary>
    public static int Between(uint earlier, uint later) => unchecked((int)(later - earlier));
}
