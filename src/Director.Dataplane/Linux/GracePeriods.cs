using Director.Dataplane.Control;
using Director.Dataplane.FastPath;
using Director.Dataplane.Linux.Bpf;

namespace Director.Dataplane.Linux;

/// <summary>
/// Grace periods of the kernel, on a thread of its own, which is the one to wait: to replace an array in an array of arrays is to wait
/// until no program can see the one before, and so until every program that ran has ended (some 10 ms).
/// </summary>
public sealed class GracePeriods : IGracePeriods, IDisposable
{
    private readonly int _inner;
    private readonly int _arrays;
    private readonly Thread _thread;
    private readonly AutoResetEvent _asked = new(false);
    private long _begun;
    private long _ended;
    private volatile bool _stopping;

    /// <exception cref="EngineException">The kernel refuses.</exception>
    public GracePeriods()
    {
        _inner = BpfSystem.CreateArray("director-grace", sizeof(ulong));
        try
        {
            _arrays = BpfSystem.CreateArrayOfArrays(_inner);
        }
        catch
        {
            BpfSystem.Close(_inner);
            throw;
        }
        _thread = new Thread(Loop) { Name = "grace periods", IsBackground = true };
        _thread.Start();
    }

    public long Ended => Volatile.Read(ref _ended);

    public void Begin(long number)
    {
        if (Volatile.Read(ref _begun) == number)
            return;
        Volatile.Write(ref _begun, number);
        _asked.Set();
    }

    public void Dispose()
    {
        _stopping = true;
        _asked.Set();
        _thread.Join();
        _asked.Dispose();
        BpfSystem.Close(_arrays);
        BpfSystem.Close(_inner);
    }

    private void Loop()
    {
        while (true)
        {
            _asked.WaitOne();
            if (_stopping)
                return;
            long number = Volatile.Read(ref _begun);
            try
            {
                BpfSystem.Put(_arrays, _inner);
                Volatile.Write(ref _ended, number);
            }
            catch (EngineException)
            {
                Volatile.Write(ref _begun, number - 1); // no memory, for a moment: whoever needs it asks again
            }
        }
    }
}
