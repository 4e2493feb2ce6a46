using System.Globalization;
using System.Text.RegularExpressions;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>
/// Replays a group of lives of connections, as the kernel's IPVS was recorded with real clients: its commands, the packets that
/// its actions stand for, and after them what every listing said: states, expiries (to the second or one beside it: when packets
/// came was not recorded closer), servers, ActiveConn, InActConn and PersistConn, counters to the byte, rates. Tests of groups
/// have the group's name as their first data: <see cref="EveryGroupTests"/> counts on that.
/// </summary>
public abstract partial class RecordedLife : BenchLife
{
    private const int MillisecondsToAListing = 250;

    /// <summary>Goes through a group. Whatever is neither a command nor explains itself has to be in the steps.</summary>
    /// <param name="group">Its name in the file.</param>
    /// <param name="steps">Instead of an action, or before a command, by number.</param>
    /// <param name="otherwise">Listings that are others here, by number, and why.</param>
    private protected void Replay(string group, Dictionary<int, Action>? steps = null, Dictionary<int, string>? otherwise = null)
    {
        bool listed = false;
        steps ??= [];
        otherwise ??= [];
        Assert.Empty(steps.Keys.Concat(otherwise.Keys).Except(LifeRecording.Groups[group].Select(entry => entry.Number)));
        foreach (LifeEntry entry in LifeRecording.Groups[group])
        {
            Action? step = steps.GetValueOrDefault(entry.Number);
            step?.Invoke();
            if (entry.Command is not { } command)
            {
                if (step is null)
                    Act(entry);
                listed = false;
            }
            else if (Commands.TryDo(command))
            {
                listed = false;
            }
            else if (!otherwise.ContainsKey(entry.Number))
            {
                Compare(entry, command, ref listed);
            }
        }
    }

    // What actions say of themselves.
    private void Act(LifeEntry entry)
    {
        string action = entry.Action!;
        if (Connection().Match(action) is { Success: true } connection)
        {
            Peer peer = new(connection.Groups[1].Value, Number(connection.Groups[2]), connection.Groups[3].Value, Number(connection.Groups[4]));
            Open(peer);
            Assert.Equal(Number(connection.Groups[5]), ServerOf(peer));
            if (connection.Groups[6].Value == "closed")
                Close(peer);
        }
        else if (action.StartsWith("(sleep 2.3 s", StringComparison.Ordinal))
        {
            Wait(2300);
        }
        else
        {
            // The next command is what they announce, or the end is there.
            Assert.True(action is "service deleted" or "now DELETE the RS 10.2.0.12" || action.StartsWith("module ip_vs unloaded", StringComparison.Ordinal), $"{entry.Number}: what is '{action}'?");
        }
    }

    private void Compare(LifeEntry entry, string command, ref bool listed)
    {
        string[] words = command.Split(' ');
        if (words is ["ipvsadm", "-Lcn", ..] or ["cat", "/proc/net/ip_vs_conn"])
        {
            if (!listed)
                Wait(MillisecondsToAListing);
            listed = true;
            CompareConnections(entry, words[0] == "cat" ? RecordedListing.ConnectionsInProc(entry.Output) : RecordedListing.Connections(entry.Output));
        }
        else if (words is ["ipvsadm", "-Ln", "--stats" or "--rate", ..])
        {
            HashSet<ServiceKey> onePacket = [.. Commands.Services.Where(each => each.Flags.HasFlag(ServiceFlags.OnePacket)).Select(each => each.Key)];
            Same(entry, RecordedListing.Numbers(entry.Output, onePacket), RecordedListing.Numbers(Bench.Core.Statistics(), onePacket, words[2] == "--rate"));
        }
        else if (words is ["ipvsadm", "-Ln", ..])
        {
            Same(entry, RecordedListing.Counts(entry.Output), RecordedListing.Counts(Bench.Core.Statistics()));
            if (words is [_, _, "--persistent-conn"])
                Same(entry, RecordedListing.Templates(entry.Output), RecordedListing.Templates(Bench.Core.Statistics()));
        }
        else
        {
            // Names, saved commands, and numbers of /proc that are the same again in other listings.
            Assert.True(words is ["ipvsadm", "-Lc" or "-S", ..] or ["cat", "/proc/net/ip_vs" or "/proc/net/ip_vs_stats" or "/proc/net/ip_vs_stats_percpu" or "/proc/net/ip_vs_conn_sync"] or ["ip", ..], $"{entry.Number}: what is '{command}'?");
        }
    }

    private void CompareConnections(LifeEntry entry, Dictionary<string, int> theirs)
    {
        Dictionary<string, int> ours = RecordedListing.Connections(Listed());
        Same(entry, theirs.Keys.Order(), ours.Keys.Order());
        foreach ((string connection, int expires) in theirs)
            Assert.True(Math.Abs(ours[connection] - expires) <= 1, $"{entry.Number}: {connection} expires in {expires} s there, {ours[connection]} s here");
    }

    private static void Same(LifeEntry entry, IEnumerable<string> theirs, IEnumerable<string> ours) =>
        Assert.Equal($"{entry.Number}:\n{string.Join('\n', theirs)}", $"{entry.Number}:\n{string.Join('\n', ours)}");

    private static ushort Number(Group digits) => ushort.Parse(digits.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^TCP ([0-9.]+):(\d+) -> ([0-9.]+):(\d+) : rs(\d) (held|closed)$")]
    private static partial Regex Connection();
}
