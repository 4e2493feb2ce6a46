namespace Director.Model;

/// <summary>
/// A flag of a scheduler by name (<c>ipvsadm -b</c>). A scheduler may name its flags; the general names stand for the same bits
/// with every scheduler, and <paramref name="Scheduler"/> is null.
/// </summary>
public sealed record SchedulerFlag(string Name, ServiceFlags Flag, string? Scheduler)
{
    /// <summary>The bits that are a scheduler's.</summary>
    public const ServiceFlags Mask = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 | ServiceFlags.Scheduler3;

    /// <summary>In the order in which ipvsadm lists them.</summary>
    public static readonly IReadOnlyList<SchedulerFlag> All =
    [
        new("sh-fallback", ServiceFlags.Scheduler1, "sh"),
        new("sh-port", ServiceFlags.Scheduler2, "sh"),
        new("mh-fallback", ServiceFlags.Scheduler1, "mh"),
        new("mh-port", ServiceFlags.Scheduler2, "mh"),
        new("flag-1", ServiceFlags.Scheduler1, null),
        new("flag-2", ServiceFlags.Scheduler2, null),
        new("flag-3", ServiceFlags.Scheduler3, null),
    ];

    /// <summary>
    /// The list of <c>-b</c>, with the scheduler's own names if it has any; a flag that it has no name for is left out (ipvsadm shows
    /// sh with flag-3 as <c>()</c>).
    /// </summary>
    public static string Names(ServiceFlags flags, string scheduler)
    {
        string? owner = All.Any(entry => entry.Scheduler == scheduler) ? scheduler : null;
        return string.Join(',', All.Where(entry => entry.Scheduler == owner && flags.HasFlag(entry.Flag)).Select(entry => entry.Name));
    }

    public static SchedulerFlag? Find(string name) => All.FirstOrDefault(flag => flag.Name == name);

    public bool GoesWith(string scheduler) => Scheduler is null || Scheduler == scheduler;
}
