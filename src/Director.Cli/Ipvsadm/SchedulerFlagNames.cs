using Director.Cli.Ipvsadm.Arguments;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>The list of <c>-b</c>, as it is typed and as it is shown.</summary>
internal static class SchedulerFlagNames
{
    /// <exception cref="UsageException">An unknown name, or one of another scheduler.</exception>
    public static ServiceFlags Parse(string list, string scheduler)
    {
        ServiceFlags flags = ServiceFlags.None;
        foreach (string name in list.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            SchedulerFlag flag = SchedulerFlag.Find(name) ?? throw new UsageException($"invalid scheduler flag `{name}'");
            if (!flag.GoesWith(scheduler))
                throw new UsageException($"incompatible scheduler flag `{name}'");
            flags |= flag.Flag;
        }
        return flags;
    }

    /// <summary>
    /// With the scheduler's own names if it has any; a flag that it has no name for is left out (ipvsadm shows sh with flag-3 as <c>()</c>).
    /// </summary>
    public static string Format(ServiceFlags flags, string scheduler)
    {
        string? owner = SchedulerFlag.All.Any(entry => entry.Scheduler == scheduler) ? scheduler : null;
        return string.Join(',', SchedulerFlag.All.Where(entry => entry.Scheduler == owner && flags.HasFlag(entry.Flag)).Select(entry => entry.Name));
    }
}
