using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Control;

/// <summary>
/// One end of the control socket inside a <see cref="ControlLoop"/>: bytes in, frames to the handler; frames out, as fast as
/// the peer reads them. Belongs to the loop's thread. It closes once, with a reason.
/// </summary>
internal sealed class ControlChannel : IDisposable
{
    // Read so much at one go, then let the loop's other work have its turn.
    private const int ReadBudget = 1 << 20;

    private readonly UnixChannel _socket;
    private readonly LoopSource _source;
    private readonly FrameHandler _received;
    private readonly Action<string> _closed;
    private readonly int _outputLimit;
    private readonly FrameAssembler _input = new();
    private readonly Queue<SafeFileHandle> _descriptors = new();
    private readonly Queue<(int Position, SafeFileHandle[] Descriptors)> _attachments = new();
    private int _sent;

    // With outputLimit bytes unsent nothing more is read: a peer that asks without reading the answers gets no further.
    public ControlChannel(ControlLoop loop, UnixChannel socket, int outputLimit, FrameHandler received, Action<string> closed)
    {
        _socket = socket;
        _received = received;
        _closed = closed;
        _outputLimit = outputLimit;
        Peer = socket.Peer();
        _source = loop.Register(socket.Descriptor, Ready);
    }

    public delegate void FrameHandler(FrameHeader header, ReadOnlySpan<byte> body);

    public PeerCredentials Peer { get; }

    public bool IsClosed { get; private set; }

    /// <summary>Frames to send; finish them, then <see cref="Flush"/>.</summary>
    public FrameWriter Output { get; } = new();

    public int Unsent => Output.Length - _sent;

    /// <summary>The version that both sides agreed on: from now on frames may be as long as the protocol allows.</summary>
    public ushort Version
    {
        get => Output.Version;
        set
        {
            Output.Version = value;
            _input.Limit = FrameHeader.MaximumLength;
        }
    }

    /// <summary>The next byte of output takes these descriptors along. They stay their owner's, and must stay open until sent.</summary>
    public void Attach(SafeFileHandle[] descriptors)
    {
        if (descriptors.Length > 0)
            _attachments.Enqueue((Output.Length, descriptors));
    }

    /// <summary>The descriptors that came with the frame at hand; null if it were not so many. They are the caller's.</summary>
    public SafeFileHandle[]? TakeDescriptors(int count)
    {
        if (count > _descriptors.Count)
            return null;
        SafeFileHandle[] taken = new SafeFileHandle[count];
        for (int i = 0; i < count; i++)
            taken[i] = _descriptors.Dequeue();
        return taken;
    }

    public void Flush()
    {
        while (!IsClosed && Unsent > 0)
        {
            ReadOnlySpan<byte> rest = Output.Written[_sent..];
            ChannelOutcome outcome = SendPart(rest, out int sent);
            if (outcome == ChannelOutcome.WouldBlock)
                break;
            if (outcome == ChannelOutcome.Closed)
            {
                Close("the connection was closed by the other side");
                return;
            }
            _sent += sent;
        }
        if (IsClosed)
            return;
        if (Unsent == 0)
        {
            Output.Clear();
            _sent = 0;
        }
        _source.WantsWrite = Unsent > 0;
        _source.WantsRead = Unsent <= _outputLimit;
    }

    /// <summary>Reads and handles what is there. Also to be called to find out whether the peer is still there.</summary>
    public void Receive()
    {
        int budget = ReadBudget;
        // Frames may be left from before, when the output was full.
        HandleFrames();
        while (!IsClosed && budget > 0 && Unsent <= _outputLimit)
        {
            ChannelOutcome outcome = _socket.Receive(_input.Free(), _descriptors, out int received);
            if (outcome == ChannelOutcome.WouldBlock)
                return;
            if (outcome == ChannelOutcome.Closed)
            {
                Close("the connection was closed by the other side");
                return;
            }
            budget -= received;
            _input.Received(received);
            HandleFrames();
        }
    }

    public void Close(string reason)
    {
        if (IsClosed)
            return;
        Dispose();
        _closed(reason);
    }

    /// <summary>Closes without telling the owner.</summary>
    public void Dispose()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        _source.Dispose();
        _socket.Dispose();
        _input.Dispose();
        Output.Dispose();
        while (_descriptors.TryDequeue(out SafeFileHandle? unclaimed))
            unclaimed.Dispose();
    }

    private void Ready(LoopEvents events)
    {
        // Whatever it was, do both: a hang-up comes as readable even while reading is paused, and only a write tells; room to
        // write lets frames be handled that wait in the input.
        if (events == LoopEvents.None)
            return;
        Flush();
        Receive();
    }

    private void HandleFrames()
    {
        while (!IsClosed && Unsent <= _outputLimit && _input.TryTake(out FrameHeader header, out ReadOnlySpan<byte> body))
            _received(header, body);
        if (IsClosed)
            return;
        if (_input.Fault is { } fault)
            Close($"the other side sent {fault}");
        else if (_descriptors.Count > UnixChannel.MaximumDescriptors)
            Close("the other side sent descriptors that no message asked for");
    }

    private ChannelOutcome SendPart(ReadOnlySpan<byte> rest, out int sent)
    {
        if (!_attachments.TryPeek(out (int Position, SafeFileHandle[] Descriptors) next))
            return _socket.Send(rest, [], out sent);
        if (next.Position > _sent)
            return _socket.Send(rest[..(next.Position - _sent)], [], out sent);
        Span<int> descriptors = stackalloc int[next.Descriptors.Length];
        for (int i = 0; i < descriptors.Length; i++)
            descriptors[i] = (int)next.Descriptors[i].DangerousGetHandle();
        // The header alone, so that the next frame's descriptors travel with the next frame.
        ChannelOutcome outcome = _socket.Send(rest[..FrameHeader.Size], descriptors, out sent);
        if (outcome == ChannelOutcome.Done)
            _attachments.Dequeue();
        return outcome;
    }
}
