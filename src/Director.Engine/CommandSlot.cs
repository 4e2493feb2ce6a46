using System.Runtime.ExceptionServices;
using Director.Dataplane.Control;

namespace Director.Engine;

/// <summary>Hands one command at a time from the control thread to the packet thread and waits until it is done.</summary>
internal sealed class CommandSlot : IDisposable
{
    // The packet thread looks at least each 100 ms; only a machine in deep trouble takes this long.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ManualResetEventSlim _done = new(false);
    private Action? _command;
    private Exception? _failure;

    public void Run(Action command, Action wake)
    {
        _done.Reset();
        _failure = null;
        Volatile.Write(ref _command, command);
        wake();
        if (!_done.Wait(LongestWait))
            throw new EngineException($"the packet thread did not take a command for {LongestWait.TotalSeconds:0} s");
        if (_failure is not null)
            ExceptionDispatchInfo.Throw(_failure);
    }

    /// <summary>On the packet thread.</summary>
    public void Serve()
    {
        if (Volatile.Read(ref _command) is not { } command)
            return;
        try
        {
            command();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _failure = failure;
        }
        _command = null;
        _done.Set();
    }

    public void Dispose() => _done.Dispose();
}
