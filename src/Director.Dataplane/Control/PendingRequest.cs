using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Control;

/// <summary>A request that waits for its answer.</summary>
internal abstract class PendingRequest
{
    protected PendingRequest(MessageType type)
    {
        Type = type;
    }

    public MessageType Type { get; }

    /// <returns>Null, or why the frame is broken.</returns>
    public abstract string? Complete(FrameHeader header, ref FrameReader reader);

    public abstract void Fail(EngineException failure);
}

internal sealed class PendingRequest<T> : PendingRequest
{
    private readonly FrameReader.Element<T> _read;

    // Continuations must not run on the loop's thread.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PendingRequest(MessageType type, FrameReader.Element<T> read)
        : base(type)
    {
        _read = read;
    }

    public Task<T> Answer => _completion.Task;

    public override string? Complete(FrameHeader header, ref FrameReader reader)
    {
        string? fault = null;
        if (header.Type == MessageType.Error)
        {
            EngineException failure = NoticeFormat.ReadError(ref reader);
            if (reader.Finished())
                _completion.TrySetException(failure);
            fault = reader.Fault;
        }
        else if (header.Type == (Type | MessageType.Answer))
        {
            T value = _read(ref reader);
            if (reader.Finished())
                _completion.TrySetResult(value);
            fault = reader.Fault;
        }
        else
        {
            fault = $"message {(ushort)header.Type} answers {Type}";
        }
        if (fault is not null)
            Fail(new EngineException($"the engine sent a broken answer to {Type}: {fault}") { Fault = EngineFault.Unreachable });
        return fault;
    }

    public override void Fail(EngineException failure) => _completion.TrySetException(failure);
}
