using Director.Lab.Tests.Harness;

namespace Director.Bench.Sync;

/// <summary>
/// The owner's announcements as they reach the standby's interface, with the kernel's time: a reader that does not get to run makes no
/// silence. No client's packet passes there.
/// </summary>
internal sealed class Heartbeats
{
    // ElectionFrame: behind the 28 bytes of ARP its magic, and at its offset 6 the kind, 1.
    private const string Announcements = "arp and arp[28:4] = 0x4c565345 and arp[34] = 1";

    private static int _captures;

    private readonly Capture _capture;

    private Heartbeats(Capture capture) => _capture = capture;

    /// <summary>Begins to listen on a standby's host.</summary>
    public static async Task<Heartbeats> ListenAsync(LabHost standby) =>
        new(await standby.CaptureAsync($"heartbeats-{Interlocked.Increment(ref _captures)}", "eth0", Announcements));

    /// <summary>Ends listening. Longest silence in milliseconds; infinite if there was nothing else.</summary>
    public async Task<double> LongestAsync()
    {
        await _capture.StopAsync();
        double[] times = await _capture.TimesAsync();
        return times.Length < 2 ? double.PositiveInfinity : times.Zip(times.Skip(1), (one, next) => next - one).Max() * 1000;
    }
}
