using System.Runtime.InteropServices;
using System.Threading.Channels;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;
using Director.Dataplane.Synchronization;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Control;

/// <summary>
/// The connection under an <see cref="EngineClient"/>: a loop on a thread of its own, so that neither a starved thread pool
/// nor a blocked actor delays an answer; hello and version; then frames in both directions.
/// </summary>
internal sealed class EngineClientConnection : IAsyncDisposable
{
    private const int EventsKept = 1024;

    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(3);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly Hello _self;
    private readonly ControlLoop _loop;
    private readonly ControlChannel _channel;
    private readonly Channel<EngineEvent> _events = Channel.CreateBounded<EngineEvent>(
        new BoundedChannelOptions(EventsKept) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });

    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SafeFileHandle[] _memory = [];
    private AnswerHandler? _answered;
    private Action<string>? _lost;
    private Hello? _engine;
    private bool _started;

    public EngineClientConnection(string path, EngineIdentity self, ProtocolRange versions, TimeProvider time)
    {
        _path = path;
        _time = time;
        _self = new Hello(PeerRole.Director, versions, self);
        UnixChannel socket = UnixChannel.Connect(path, out int error) ?? throw CannotConnect(path, error);
        _loop = new ControlLoop(time);
        _channel = new ControlChannel(_loop, socket, int.MaxValue, Received, Closed);
    }

    /// <summary>An answer or a correlated error; returns why it is broken, or null.</summary>
    public delegate string? AnswerHandler(FrameHeader header, ref FrameReader reader);

    /// <summary>On the loop's thread.</summary>
    public event Action<SyncedBatch>? SyncProduced;

    public EngineIdentity Engine => _engine?.Sender ?? throw new InvalidOperationException("no hello yet");

    public ushort Version { get; private set; }

    public ulong AttachedRevision { get; private set; }

    public IReadOnlyList<SafeFileHandle> Memory => _memory;

    public ChannelReader<EngineEvent> Events => _events.Reader;

    public Task<string> Ended => _ended.Task;

    public async Task AttachAsync(AnswerHandler answered, Action<string> lost, CancellationToken cancellation)
    {
        _answered = answered;
        _lost = lost;
        if (!_channel.Peer.IsTrusted)
            throw Refused($"an engine of user {_channel.Peer.User} listens at {_path}: only one of our own user or root's is trusted");
        _self.Write(_channel.Output);
        _started = true;
        new Thread(RunLoop) { Name = "engine-client", IsBackground = true }.Start();
        try
        {
            await _attached.Task.WaitAsync(HelloPatience, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new EngineException($"the engine at {_path} (pid {_channel.Peer.ProcessId}) does not answer")
            {
                Fault = EngineFault.Unreachable,
            };
        }
    }

    /// <summary>Takes the finished frame over. False if the connection is gone.</summary>
    public bool Send(FrameWriter frame, SafeFileHandle[]? descriptors)
    {
        bool posted = !_ended.Task.IsCompleted && _loop.Post(() =>
        {
            using FrameWriter owned = frame;
            if (_channel.IsClosed)
                return;
            if (descriptors is not null)
                _channel.Attach(descriptors);
            _channel.Output.Append(owned.Written);
            _channel.Flush();
        });
        if (!posted)
            frame.Dispose();
        return posted;
    }

    public async ValueTask DisposeAsync()
    {
        if (_started)
        {
            if (_loop.Post(() => _channel.Close("we closed it")))
                await _finished.Task.ConfigureAwait(false);
        }
        else
        {
            _channel.Dispose();
            _loop.Dispose();
            _ended.TrySetResult("we closed it");
        }
    }

    private void RunLoop()
    {
        string reason = "we closed it";
        try
        {
            _channel.Flush();
            _loop.Run();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            reason = failure.ToString();
        }
        finally
        {
            // What was posted and not run any more is failed by Lost; nothing can be posted from here on.
            _loop.Dispose();
            _channel.Dispose();
            Lost(reason);
            _finished.TrySetResult();
        }
    }

    private void Closed(string reason)
    {
        Lost(reason);
        _loop.Stop();
    }

    private void Lost(string reason)
    {
        _attached.TrySetException(new EngineException($"the engine at {_path}: {reason}") { Fault = EngineFault.Unreachable });
        _ended.TrySetResult(reason);
        _events.Writer.TryComplete();
        _lost?.Invoke(reason);
    }

    private void Received(FrameHeader header, ReadOnlySpan<byte> body)
    {
        FrameReader reader = new(body, Version);
        string? fault = header.Type switch
        {
            MessageType.Hello when _engine is null => Greeted(ref reader),
            MessageType.Error when header.Correlation == 0 => Complained(ref reader),
            MessageType.Attached when _engine is not null && Version != 0 => Attached(ref reader),
            MessageType.Memory => TakeMemory(ref reader),
            MessageType.Event => Told(ref reader),
            MessageType.SyncOut when Version >= 2 => Carry(ref reader),
            MessageType.Error => _answered?.Invoke(header, ref reader),
            _ when (header.Type & MessageType.Answer) != 0 => _answered?.Invoke(header, ref reader),
            _ => $"message {(ushort)header.Type} out of place",
        };
        if (fault is not null)
            _channel.Close($"the engine sent a broken frame: {fault}");
    }

    private string? Greeted(ref FrameReader reader)
    {
        Hello engine = Hello.Read(ref reader);
        if (reader.Fault is not null)
            return reader.Fault;
        _engine = engine;
        Version = _self.Versions.Common(engine.Versions);
        if (engine.Role != PeerRole.Engine)
            return "what listens is no engine";
        // The engine says so too, if it can; an engine of another version may not know how.
        if (Version == 0)
            _attached.TrySetException(Refused(ProtocolRange.Mismatch(_self, engine)));
        else
            _channel.Version = Version;
        return null;
    }

    private string? Complained(ref FrameReader reader)
    {
        EngineException complaint = NoticeFormat.ReadError(ref reader);
        if (!reader.Finished())
            return reader.Fault;
        _attached.TrySetException(complaint);
        _channel.Close($"the engine refused: {complaint.Message}");
        return null;
    }

    private string? Attached(ref FrameReader reader)
    {
        (ushort version, AttachedRevision, ushort count) = NoticeFormat.ReadAttached(ref reader);
        if (!reader.Finished())
            return reader.Fault;
        if (version != Version)
            return $"it speaks version {version}, {Version} was agreed on";
        if (TakeMemory(count) is { } fault)
            return fault;
        _attached.TrySetResult();
        return null;
    }

    private string? TakeMemory(ref FrameReader reader)
    {
        ushort count = NoticeFormat.ReadMemory(ref reader);
        return reader.Finished() ? TakeMemory(count) : reader.Fault;
    }

    private string? TakeMemory(ushort count)
    {
        if (_channel.TakeDescriptors(count) is not { } memory)
            return $"{count} descriptors announced, fewer came";
        _memory = memory;
        return null;
    }

    private string? Carry(ref FrameReader reader)
    {
        SyncedBatch batch = SyncFormat.ReadBatch(ref reader);
        if (!reader.Finished())
            return reader.Fault;
        SyncProduced?.Invoke(batch);
        return null;
    }

    private string? Told(ref FrameReader reader)
    {
        EngineEvent occurred = NoticeFormat.ReadEvent(ref reader);
        if (!reader.Finished())
            return reader.Fault;
        _events.Writer.TryWrite(occurred);
        return null;
    }

    private static EngineException Refused(string text) => new(text) { Fault = EngineFault.Refused };

    private static EngineException CannotConnect(string path, int error) => UnixChannel.IsNobody(error)
        ? new EngineException($"no engine listens at {path}") { Fault = EngineFault.NotListening }
        : UnixChannel.IsForbidden(error)
            ? Refused($"we may not connect to {path}: run directord as the engine's user or as root")
            : new EngineException($"cannot connect to {path}: {Marshal.GetPInvokeErrorMessage(error)}") { Fault = EngineFault.Unreachable };
}
