using System.Globalization;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Counters of exactly known traffic, rates over time.</summary>
public sealed class CounterLifeTests : RecordedLife
{
    private const int OfTheEstimator = 2000;

    [Theory]
    [InlineData("stats of exactly known traffic (clean re-run)")]
    public void Counters(string group)
    {
        Peer web = new("10.1.128.1", 1), names = new("10.1.128.1", 2, VirtualPort: 53);
        Replay(
            group,
            new()
            {
                [17] = () =>
                {
                    Open(web);
                    Close(web);
                },
                [19] = () => Wait(2 * OfTheEstimator),
                [25] = () => Ask(names, server: 1, bytes: 100, back: 3),
                [26] = () => Wait(OfTheEstimator),
                [28] = () => Wait(OfTheEstimator),
            },
            otherwise: new() { [18] = "the kernel shows what its estimator last saw, up to 2 s ago; here counters are there at once" });
    }

    [Theory]
    [InlineData("estimator: rate over time (1 UDP packet of 128 B every 20 ms for 6 s, then silence) (clean re-run)")]
    public void Rates(string group)
    {
        Peer peer = new("10.1.128.1", 1, VirtualPort: 53);
        int sent = 0;
        // "t=1.51 sent=62": when it was is seen by what the estimator made of it, at its turns before 109, 115, 121, 126 and 130.
        Dictionary<int, Action> steps = LifeRecording.Groups[group].Where(each => each.Action?.StartsWith("t=", StringComparison.Ordinal) == true).ToDictionary(
            each => each.Number,
            each => (Action)(() =>
            {
                for (int until = int.Parse(each.Action!.Split("sent=")[1].Split(' ')[0], CultureInfo.InvariantCulture); sent < until; sent++)
                    Send(peer, null, 100);
            }));
        foreach (int turn in (int[])[109, 115, 121, 126, 130])
            steps[turn] = () => Wait(OfTheEstimator);
        Replay(group, steps);
    }
}
