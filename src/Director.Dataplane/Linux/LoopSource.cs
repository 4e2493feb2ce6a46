namespace Director.Dataplane.Linux;

[Flags]
public enum LoopEvents
{
    None = 0,
    Read = 1,
    Write = 2,
}

/// <summary>A descriptor that a <see cref="ControlLoop"/> polls. Disposing it ends that; do so before the descriptor is closed.</summary>
public sealed class LoopSource : IDisposable
{
    internal LoopSource(int descriptor, Action<LoopEvents> ready)
    {
        Descriptor = descriptor;
        Ready = ready;
    }

    public int Descriptor { get; }

    public bool WantsRead { get; set; } = true;

    public bool WantsWrite { get; set; }

    internal Action<LoopEvents> Ready { get; }

    internal bool Ended { get; private set; }

    public void Dispose() => Ended = true;
}

/// <summary>A timer of a <see cref="ControlLoop"/>. Disposing it cancels it.</summary>
public sealed class LoopTimer : IDisposable
{
    internal LoopTimer(Action action, TimeSpan period)
    {
        Action = action;
        Period = period;
    }

    internal Action Action { get; }

    internal TimeSpan Period { get; }

    internal bool Ended { get; private set; }

    public void Dispose() => Ended = true;
}
