using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Election;
using Director.Dataplane.Linux;
using Director.Model;

namespace Director.Engine;

/// <summary>
/// The thread of the election: its own socket, its own priority, so that neither a flood of packets nor a busy control thread delays
/// an announcement. Reads all that waits, then lets time pass, then waits.
/// </summary>
internal sealed class ElectionThread : IElectionOutput, IDisposable
{
    private const int Priority = 20; // of 99; the kernel's own threads that matter are at 50 and up
    private const long CarrierMicroseconds = 50_000;
    private const long StuckNanoseconds = 1_000_000_000;

    private readonly ElectionSocket _socket;
    private readonly PacketPoll _poll;
    private readonly Ownership _ownership;
    private readonly Action<ulong> _reserve;
    private readonly Action<EngineEvent> _told;
    private readonly Action<ElectionStatus> _changed;
    private readonly Elector _elector;
    private readonly Thread _thread;
    private readonly ConcurrentQueue<Action<Elector>> _posted = new();
    private readonly byte[] _received = new byte[2048];
    private volatile bool _stopping;
    private volatile bool _segmentIsSilent;
    private bool _carrier = true;
    private long _carrierAt;

    /// <param name="configuration">Of this director.</param>
    /// <param name="engine">The first interface is the service segment's.</param>
    /// <param name="ownership">Shared with the packet thread.</param>
    /// <param name="reserved">Epochs on the disk.</param>
    /// <param name="reserve">Puts more there, elsewhere; the end is told by <see cref="Post"/>.</param>
    /// <param name="changed">Called on this thread when the ownership changed.</param>
    /// <param name="told">For directord; called on this thread.</param>
    public ElectionThread(
        ElectionConfiguration configuration, EngineConfiguration engine, Ownership ownership, ulong reserved,
        Action<ulong> reserve, Action<ElectionStatus> changed, Action<EngineEvent> told)
    {
        _ownership = ownership;
        _reserve = reserve;
        _changed = changed;
        _told = told;
        _socket = ElectionSocket.Open(engine.Interfaces[0]);
        _poll = new PacketPoll([_socket.Descriptor]);
        _elector = new Elector(configuration, engine.Group, ownership, this, Now, Random, reserved);
        _thread = new Thread(Loop) { Name = "election", IsBackground = true };
    }

    /// <summary>See <see cref="Elector.IsSegmentSilent"/>; for any thread.</summary>
    public bool SegmentIsSilent => _segmentIsSilent;

    public bool HasCarrier => _carrier;

    public bool MayAnnounce => BootClock.Nanoseconds - _ownership.Progress < StuckNanoseconds;

    public void Start() => _thread.Start();

    /// <summary>Runs on the election's thread, soon.</summary>
    public void Post(Action<Elector> action)
    {
        _posted.Enqueue(action);
        _poll.WakeUp();
    }

    public bool Send(ReadOnlySpan<byte> ethernet) => _socket.Send(ethernet);

    public void SendOverCluster(ReadOnlySpan<byte> frame) => _told(new ElectionFrameSent(frame.ToArray()));

    public void Reserve(ulong epoch) => _reserve(epoch);

    public void Changed(ElectionStatus status)
    {
        _changed(status);
        _told(new OwnershipChanged(status));
    }

    public void Tell(ElectionStatus status) => _told(new OwnershipChanged(status));

    public void Dispose()
    {
        _stopping = true;
        _poll.WakeUp();
        if (_thread.IsAlive)
            _thread.Join();
        _ownership.Until = 0;
        _poll.Dispose();
        _socket.Dispose();
    }

    private static long Now() => BootClock.Nanoseconds / 1000;

    private static ulong Random()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        Entropy.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes) | 1; // never 0, which stands for none
    }

    private void Loop()
    {
        if (!RealTime.TryEnter(Priority))
            _told(new EngineLogLine(EngineLogLevel.Warning, "the election runs without real-time priority (CAP_SYS_NICE): a busy machine may delay its announcements"));
        while (!_stopping)
        {
            for (int length = _socket.Receive(_received); length > 0; length = _socket.Receive(_received))
                _elector.HearOnSegment(_received.AsSpan(0, length));
            while (_posted.TryDequeue(out Action<Elector>? action))
                action(_elector);
            long now = Now();
            WatchCarrier(now);
            _elector.Tick();
            _segmentIsSilent = _elector.IsSegmentSilent;
            // Never without end: a carrier is not told of, it is looked for.
            long wait = Math.Clamp(Math.Min(_elector.NextAt, _carrierAt) - Now(), 0, CarrierMicroseconds);
            _poll.Wait(wait * 1000);
            if (_poll.IsBroken(0))
                _socket.TakeError();
        }
    }

    private void WatchCarrier(long now)
    {
        if (now < _carrierAt)
            return;
        _carrierAt = now + CarrierMicroseconds;
        bool carrier = _socket.HasCarrier;
        if (carrier == _carrier)
            return;
        _carrier = carrier;
        _elector.Tell(carrier ? ElectionInput.CarrierFound : ElectionInput.CarrierLost);
    }
}
