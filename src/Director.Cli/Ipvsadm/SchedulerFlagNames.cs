using Director.Cli.Ipvsadm.Arguments;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>The list of <c>-b</c>, as it is typed (<see cref="SchedulerFlag.Names"/> is how it is shown).</summary>
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
}
