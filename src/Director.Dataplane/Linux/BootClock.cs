using Tmds.Linux;

namespace Director.Dataplane.Linux;

/// <summary>Time since boot with suspension counted (CLOCK_BOOTTIME): a lease must not outlast a machine that slept.</summary>
public static unsafe class BootClock
{
    public static long Nanoseconds
    {
        get
        {
            timespec now;
            _ = Native.ReadClock(Native.ClockBootTime, &now); // cannot fail: the clock exists since Linux 2.6.39
            return (long)now.tv_sec * 1_000_000_000 + (long)now.tv_nsec;
        }
    }

    public static long Milliseconds => Nanoseconds / 1_000_000;
}
