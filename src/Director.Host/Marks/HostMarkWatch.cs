using System.Collections.Immutable;
using System.Globalization;
using Director.Actors.Forwarding;
using Director.Actors.Services;
using Director.Model;

namespace Director.Host.Marks;

/// <summary>
/// Looks once, when the director has started, whether the host's own iptables mark packets that the director takes before they get
/// there: a migration that was forgotten half-way. Told in the log once, and in the status as long as it is so.
/// </summary>
public sealed class HostMarkWatch(IHostMarkSource source, LiveDirector live, ILogger<HostMarkWatch> log) : BackgroundService
{
    private volatile HostMarks _seen = HostMarks.None;

    internal IEnumerable<string> Warnings(ServiceTable table)
    {
        ImmutableArray<MarkRule> missing = MarkTakeover.Missing(_seen, table);
        return missing.IsEmpty
            ? []
            : [string.Create(CultureInfo.InvariantCulture, $"the host's own iptables mark packets of the director ({missing.Length} rules in mangle/PREROUTING, such as {missing[0]}), ")
                + "but the director takes them first: take the rules over with director mark import"];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HostMarks seen = await source.ReadAsync(stoppingToken);
        if (seen.Trouble is { } trouble)
            log.LogDebug("the host's mark rules could not be read: {Trouble}", trouble);
        _seen = seen;
        foreach (string warning in Warnings(live.Current.Table))
            log.LogWarning("{Warning}", warning);
    }
}
