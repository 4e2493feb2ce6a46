using Director.Cli.Ipvsadm.Arguments;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>Names of <c>-b</c>: each scheduler may name its flags; the general names work for all.</summary>
internal static class SchedulerFlagNames
{
    private static readonly (string Name, ServiceFlags Flag, string? Scheduler)[] All =
    [
        ("sh-fallback", ServiceFlags.Scheduler1, "sh"),
        ("sh-port", ServiceFlags.Scheduler2, "sh"),
        ("mh-fallback", ServiceFlags.Scheduler1, "mh"),
        ("mh-port", ServiceFlags.Scheduler2, "mh"),
        ("flag-1", ServiceFlags.Scheduler1, null),
        ("flag-2", ServiceFlags.Scheduler2, null),
        ("flag-3", ServiceFlags.Scheduler3, null),
    ];

    public const ServiceFlags Mask = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2 | ServiceFlags.Scheduler3;

    /// <exception cref="UsageException">An unknown name, or one of another scheduler.</exception>
    public static ServiceFlags Parse(string list, string scheduler)
    {
        ServiceFlags flags = ServiceFlags.None;
        foreach (string name in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            (string? known, ServiceFlags flag, string? owner) = Array.Find(All, entry => entry.Name == name);
            if (known is null)
                throw new UsageException($"invalid scheduler flag `{name}'");
            if (owner is not null && owner != scheduler)
                throw new UsageException($"incompatible scheduler flag `{name}'");
            flags |= flag;
        }
        return flags;
    }

    /// <summary>
    /// With the scheduler's own names if it has any; a flag that it has no name for is left out (ipvsadm shows sh with flag-3 as <c>()</c>).
    /// </summary>
    public static string Format(ServiceFlags flags, string scheduler)
    {
        string? owner = Array.Exists(All, entry => entry.Scheduler == scheduler) ? scheduler : null;
        return string.Join(',', All.Where(entry => entry.Scheduler == owner && flags.HasFlag(entry.Flag)).Select(entry => entry.Name));
    }
}
