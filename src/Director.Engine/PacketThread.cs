using Director.Dataplane.Linux;
using Director.Dataplane.Pipeline;

namespace Director.Engine;

/// <summary>
/// The thread that moves packets and owns the core: receive a batch, process, send, release; between two batches what the
/// control thread asks for, and what time brings. Nothing else runs on it, and it waits for nothing but packets.
/// </summary>
internal sealed class PacketThread : IDisposable
{
    // Of each interface in turn: enough to share system calls, few enough that the other direction does not wait.
    private const int BatchSize = 64;

    private readonly ForwardingCore _core;
    private readonly PacketOutput _output;
    private readonly PacketInterface[] _interfaces;
    private readonly EngineInterface[] _names;
    private readonly ulong[] _received;
    private readonly PacketPoll _poll;
    private readonly Thread _thread;
    private readonly CommandSlot _commands = new();
    private volatile bool _stopping;

    /// <param name="received">Counts the frames taken from the kernel, by interface position.</param>
    public PacketThread(ForwardingCore core, PacketOutput output, PacketInterface[] interfaces, EngineInterface[] names, ulong[] received)
    {
        _core = core;
        _output = output;
        _interfaces = interfaces;
        _names = names;
        _received = received;
        _poll = new PacketPoll([.. interfaces.Select(candidate => candidate.Descriptor)]);
        _thread = new Thread(Loop) { Name = "packets", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Runs on the packet thread between two batches, and waits for it; an exception comes back to the caller.</summary>
    public void Run(Action command) => _commands.Run(command, _poll.WakeUp);

    /// <summary>To look at the ownership now; any thread.</summary>
    public void WakeUp() => _poll.WakeUp();

    public void Dispose()
    {
        _stopping = true;
        _poll.WakeUp();
        _thread.Join();
        _poll.Dispose();
    }

    private void Loop()
    {
        long nextTick = 0;
        while (!_stopping)
        {
            long now = BootClock.Milliseconds;
            _core.BeginBatch(now);
            int received = 0;
            bool drained = true;
            for (int i = 0; i < _interfaces.Length; i++)
            {
                received += Receive(i);
                drained &= !_interfaces[i].HasFrames;
            }
            _commands.Serve();
            if (now >= nextTick)
            {
                _core.Tick(now);
                nextTick = now + ForwardingCore.TickMilliseconds;
            }
            if (now >= _core.Sync.Due)
                _core.SyncTick(now);
            if (_core.MaySend(BootClock.Nanoseconds))
                _output.Flush();
            else
                _output.Discard();
            foreach (PacketInterface each in _interfaces)
                each.ReleaseAll();
            _core.EndBatch(drained);
            if (received == 0)
                Wait(Math.Min(nextTick, _core.Sync.Due) - now);
        }
    }

    private int Receive(int position)
    {
        PacketInterface from = _interfaces[position];
        int received = 0;
        while (received < BatchSize && from.TryReceive(out ReceivedFrame frame))
        {
            received++;
            if (!frame.VlanTagged)
                _core.Process(new Frame(frame.OffloadAndFrame, _names[position]));
        }
        _received[position] += (uint)received;
        return received;
    }

    private void Wait(long milliseconds)
    {
        _poll.Wait(Math.Max(milliseconds, 0) * 1_000_000);
        for (int i = 0; i < _interfaces.Length; i++)
        {
            if (_poll.IsBroken(i))
                _interfaces[i].TakeError();
        }
    }
}
