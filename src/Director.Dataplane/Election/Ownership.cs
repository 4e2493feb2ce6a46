using Director.Dataplane.Linux;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>
/// What the election thread and the packet thread tell each other. Ownership is a lease: the one writes until when this engine may
/// answer and forward, the other compares that with the clock. An engine that was stopped, starved or suspended finds its lease over
/// when it wakes, whoever else owns by then. The other way round the packet thread shows that it makes progress: an owner that
/// forwards nothing must not announce.
/// </summary>
/// <param name="lease">Where the fast-path program looks for it, too; null: there is none.</param>
public sealed class Ownership(Region<long>? lease = null)
{
    /// <summary>For ever: a director that is alone.</summary>
    public const long Unlimited = long.MaxValue;

    private long _until;
    private long _progress;
    private volatile MacAddress[] _directors = [];

    /// <summary>Nanoseconds of the boot-time clock; 0: none.</summary>
    public long Until
    {
        get => Volatile.Read(ref _until);

        set
        {
            Volatile.Write(ref _until, value);
            if (lease is { } shared)
                Volatile.Write(ref shared[0], value);
        }
    }

    /// <summary>When the packet thread last looked, in nanoseconds of the boot-time clock.</summary>
    public long Progress
    {
        get => Volatile.Read(ref _progress);
        set => Volatile.Write(ref _progress, value);
    }

    /// <summary>MACs of the other directors on the service segment: what they claim is no conflict.</summary>
    public MacAddress[] Directors
    {
        get => _directors;
        set => _directors = value;
    }

    public bool Holds(long nowNanoseconds) => nowNanoseconds < Until;

    public bool IsDirector(MacAddress mac)
    {
        foreach (MacAddress each in _directors)
        {
            if (each == mac)
                return true;
        }
        return false;
    }
}
