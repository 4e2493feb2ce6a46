using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// One thread's poll(2) loop over descriptors, timers and work handed over by other threads. The engine's control thread runs
/// one with the control socket, rtnetlink and timers in it, the client of the socket another. Callbacks run on the thread that
/// calls <see cref="Run"/> and must not block; what they throw ends the loop. Only <see cref="Post"/> and <see cref="Stop"/>
/// may be called from other threads.
/// </summary>
public sealed unsafe class ControlLoop : IDisposable
{
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly List<LoopSource> _sources = [];
    private readonly PriorityQueue<LoopTimer, long> _timers = new();
    private readonly int _wake;
    private List<Action> _posted = [];
    private List<Action> _running = [];
    private pollfd[] _polled = new pollfd[8];
    private volatile bool _stopping;
    private bool _disposed;

    public ControlLoop(TimeProvider time)
    {
        _time = time;
        _wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (_wake < 0)
            throw new InvalidOperationException($"no eventfd to be had: {Marshal.GetPInvokeErrorMessage(errno)}");
        Register(_wake, _ => ClearWake());
    }

    /// <summary>
    /// Calls <paramref name="ready"/> when the descriptor can be read, or was closed by its other end. It stays the caller's.
    /// </summary>
    public LoopSource Register(int descriptor, Action<LoopEvents> ready)
    {
        LoopSource source = new(descriptor, ready);
        _sources.Add(source);
        return source;
    }

    public LoopTimer After(TimeSpan delay, Action action) => Schedule(delay, Timeout.InfiniteTimeSpan, action);

    /// <summary>Missed turns are skipped, not made up for.</summary>
    public LoopTimer Every(TimeSpan period, Action action) => Schedule(period, period, action);

    /// <summary>Runs <paramref name="action"/> on the loop's thread, in the order of posting. False: the loop is gone.</summary>
    public bool Post(Action action)
    {
        lock (_gate)
        {
            if (_disposed)
                return false;
            _posted.Add(action);
            if (_posted.Count == 1)
                Wake();
            return true;
        }
    }

    /// <summary>Ends <see cref="Run"/>; for good.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopping = true;
            if (!_disposed)
                Wake();
        }
    }

    public void Run(CancellationToken cancellation = default)
    {
        using CancellationTokenRegistration registration = cancellation.Register(Stop);
        while (!_stopping)
        {
            WaitForEvents();
            RunPosted();
            RunTimers();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _stopping = true;
            _posted.Clear();
        }
        _ = close(_wake);
    }

    private LoopTimer Schedule(TimeSpan delay, TimeSpan period, Action action)
    {
        LoopTimer timer = new(action, period);
        _timers.Enqueue(timer, _time.GetTimestamp() + Ticks(delay));
        return timer;
    }

    private void WaitForEvents()
    {
        _sources.RemoveAll(source => source.Ended);
        // Callbacks may register and dispose sources: only the ones polled are looked at, by a count taken before.
        int count = _sources.Count;
        if (_polled.Length < count)
            _polled = new pollfd[count * 2];
        for (int i = 0; i < count; i++)
            _polled[i] = new pollfd { fd = _sources[i].Descriptor, events = Wanted(_sources[i]) };
        int ready;
        fixed (pollfd* first = _polled)
            ready = poll(first, (ulong_t)(uint)count, Patience());
        for (int i = 0; i < count && ready > 0 && !_stopping; i++)
        {
            short events = _polled[i].revents;
            if (events != 0 && !_sources[i].Ended)
                _sources[i].Ready(Told(events));
        }
    }

    private void RunPosted()
    {
        lock (_gate)
            (_posted, _running) = (_running, _posted);
        foreach (Action action in _running)
            action();
        _running.Clear();
    }

    private void RunTimers()
    {
        long now = _time.GetTimestamp();
        while (!_stopping && _timers.TryPeek(out LoopTimer? timer, out long due) && (due <= now || timer.Ended))
        {
            _timers.Dequeue();
            if (timer.Ended)
                continue;
            if (timer.Period == Timeout.InfiniteTimeSpan)
                timer.Dispose();
            else
                _timers.Enqueue(timer, Math.Max(due + Ticks(timer.Period), now));
            timer.Action();
        }
    }

    // Milliseconds for poll, rounded up: a timer must not be polled for again just before it is due.
    private int Patience()
    {
        if (_stopping)
            return 0;
        if (!_timers.TryPeek(out _, out long due))
            return -1;
        TimeSpan left = _time.GetElapsedTime(_time.GetTimestamp(), due);
        return (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 0, int.MaxValue);
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private void Wake()
    {
        ulong one = 1;
        _ = write(_wake, &one, sizeof(ulong));
    }

    private void ClearWake()
    {
        ulong count;
        _ = read(_wake, &count, sizeof(ulong));
    }

    private static short Wanted(LoopSource source) =>
        source.WantsRead && source.WantsWrite ? (short)(POLLIN + POLLOUT)
        : source.WantsRead ? POLLIN
        : source.WantsWrite ? POLLOUT : (short)0;

    // A hang-up or error is told as readable: the read that follows finds out which it was.
    private static LoopEvents Told(short events) =>
        ((events & ~POLLOUT) != 0 ? LoopEvents.Read : LoopEvents.None)
        | ((events & POLLOUT) != 0 ? LoopEvents.Write : LoopEvents.None);
}
