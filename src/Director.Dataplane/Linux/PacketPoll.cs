using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>Waits for frames, other descriptors, a call from another thread, or the next timer. Allocates nothing while waiting.</summary>
public sealed unsafe class PacketPoll : IDisposable
{
    private readonly pollfd* _entries; // [0] is the wake-up's eventfd
    private readonly int _count;
    private readonly int _wakeUp;

    /// <param name="descriptors">In the order by which <see cref="IsReady"/> counts; not owned.</param>
    public PacketPoll(ReadOnlySpan<int> descriptors)
    {
        _wakeUp = SystemError.Check(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd");
        _count = descriptors.Length;
        _entries = (pollfd*)NativeMemory.AllocZeroed((nuint)_count + 1, (nuint)sizeof(pollfd));
        _entries[0].fd = _wakeUp;
        for (int i = 0; i < _count; i++)
            _entries[i + 1].fd = descriptors[i];
        for (int i = 0; i <= _count; i++)
            _entries[i].events = POLLIN;
    }

    /// <summary>The last <see cref="Wait"/> was ended by <see cref="WakeUp"/>.</summary>
    public bool Woken { get; private set; }

    /// <summary>Returns how many descriptors are ready, at once if one is; negative time waits without end.</summary>
    public int Wait(long nanoseconds)
    {
        timespec time;
        time.tv_sec = (time_t)(nanoseconds / 1_000_000_000);
        time.tv_nsec = (long_t)(nanoseconds % 1_000_000_000);
        int ready = ppoll(_entries, (ulong_t)(ulong)(_count + 1), nanoseconds < 0 ? null : &time, null);
        if (ready <= 0) // a signal (EINTR) is like a timeout: the caller's loop comes back
        {
            for (int i = 0; i <= _count; i++)
                _entries[i].revents = 0;
        }
        Woken = _entries[0].revents != 0;
        if (!Woken)
            return Math.Max(ready, 0);
        ulong calls;
        _ = read(_wakeUp, &calls, sizeof(ulong));
        return ready - 1;
    }

    /// <summary>Something waits at this descriptor, or <see cref="IsBroken"/>.</summary>
    public bool IsReady(int descriptor) => _entries[Checked(descriptor)].revents != 0;

    /// <summary>The descriptor has an error to take, e.g. its interface went down (<see cref="PacketInterface.TakeError"/>).</summary>
    public bool IsBroken(int descriptor) => (_entries[Checked(descriptor)].revents & (POLLERR | POLLNVAL)) != 0;

    /// <summary>Ends the present or the next <see cref="Wait"/>. Any thread.</summary>
    public void WakeUp()
    {
        ulong one = 1;
        _ = write(_wakeUp, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        _ = close(_wakeUp);
        NativeMemory.Free(_entries);
    }

    private int Checked(int descriptor) =>
        (uint)descriptor < (uint)_count ? descriptor + 1 : throw new ArgumentOutOfRangeException(nameof(descriptor));
}
