using System.Globalization;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Replication;

/// <summary>An object's state for people: ipvsadm's notation where there is one, else the commands of <c>director</c>.</summary>
internal static class StateText
{
    /// <summary>Longer texts are cut: a service may have thousands of servers.</summary>
    private const int Longest = 2000;

    public static string Of(DirectorEvent state) => Cut(state switch
    {
        ServicePut put => string.Join("; ", IpvsadmNotation.Lines(put.Service)),
        ServiceDeleted deleted => $"-D {IpvsadmNotation.Options(deleted.Key)}",
        TimeoutsSet set => string.Create(CultureInfo.InvariantCulture, $"--set {set.Timeouts.Tcp} {set.Timeouts.TcpFin} {set.Timeouts.Udp}"),
        MarksPut { Rules.Length: 0 } => "no mark rules",
        MarksPut put => string.Join("; ", put.Rules.Select(rule => rule.ToString())),
        SettingsPut put => Of(put.Settings),
        SyncDaemonsPut { Daemons.Length: 0 } => "no sync daemons",
        SyncDaemonsPut put => string.Join("; ", put.Daemons.Select(IpvsadmNotation.Options)),
        _ => state.GetType().Name,
    });

    private static string Of(SettingsSnapshot settings) => settings.InForce.Count == 0
        ? "all settings at their default"
        : string.Join(' ', settings.InForce.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Key}={each.Value}")));

    private static string Cut(string text) => text.Length > Longest
        ? string.Create(CultureInfo.InvariantCulture, $"{text[..Longest]}... ({text.Length} characters)")
        : text;
}
