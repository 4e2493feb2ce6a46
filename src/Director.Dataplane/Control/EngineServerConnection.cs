using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Control;

/// <summary>One accepted connection: the hello and whether it is welcome, then requests.</summary>
internal sealed class EngineServerConnection : IDisposable
{
    // More than the largest chunk of a listing, less than a peer that does not read could hurt with.
    private const int OutputLimit = 1 << 20;

    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(2);

    private readonly EngineServer _server;
    private readonly ControlChannel _channel;
    private readonly LoopTimer _helloTimer;
    private bool _attached;

    public EngineServerConnection(EngineServer server, ControlLoop loop, UnixChannel socket)
    {
        _server = server;
        _channel = new ControlChannel(loop, socket, OutputLimit, Received, Closed);
        _helloTimer = loop.After(HelloPatience, () => Refuse("no hello came in time"));
    }

    public int PeerProcessId => _channel.Peer.ProcessId;

    public void Receive() => _channel.Receive();

    /// <summary>An event; lost if directord does not read.</summary>
    public void Tell(EngineEvent occurred)
    {
        if (!_attached || _channel.IsClosed || _channel.Unsent > OutputLimit || !NoticeFormat.IsKnown(occurred, _channel.Version))
            return;
        _channel.Output.Begin(MessageType.Event, 0);
        NoticeFormat.WriteEvent(_channel.Output, occurred);
        _channel.Output.End();
        _channel.Flush();
    }

    public void Dispose()
    {
        _helloTimer.Dispose();
        _channel.Dispose();
    }

    private void Received(FrameHeader header, ReadOnlySpan<byte> body)
    {
        FrameReader reader = new(body, _channel.Version);
        if (_attached)
            _server.Requests.Handle(_channel, header, ref reader);
        else if (header.Type == MessageType.Hello)
            Welcome(Hello.Read(ref reader), reader.Fault);
        else
            _channel.Close($"the other side sent message {(ushort)header.Type} before its hello");
    }

    private void Welcome(Hello peer, string? fault)
    {
        _helloTimer.Dispose();
        if (fault is not null)
        {
            Refuse($"broken hello: {fault}");
            return;
        }
        // The answer first: even one who is refused shall know by whom.
        Hello own = _server.Hello;
        own.Write(_channel.Output);
        _channel.Flush();
        if (peer.Role == PeerRole.Observer)
            _channel.Close("it only wanted to know who is here");
        else if (Objection(peer, own) is { } objection)
            Refuse(objection);
        else if (_server.TryAttach(this) is { } taken)
            Refuse(taken);
        else
            Attach(peer.Versions.Common(own.Versions));
    }

    private void Attach(ushort version)
    {
        _attached = true;
        _channel.Version = version;
        _server.Requests.Attached(_channel);
    }

    private string? Objection(Hello peer, Hello own)
    {
        if (!_channel.Peer.IsTrusted)
            return $"user {_channel.Peer.User} may not control the engine: only its own user and root";
        if (peer.Role != PeerRole.Director)
            return $"role {(ushort)peer.Role} does not control engines";
        if (peer.Versions.Common(own.Versions) == 0)
            return ProtocolRange.Mismatch(peer, own);
        (EngineIdentity engine, EngineIdentity directord) = (own.Sender, peer.Sender);
        if (engine.Name != directord.Name)
        {
            return $"this engine (pid {engine.ProcessId}) belongs to director {engine.Name}, not {directord.Name}: "
                + "give each director an engine.socket of its own";
        }
        if (engine.NetworkNamespace != directord.NetworkNamespace)
        {
            return $"this engine (pid {engine.ProcessId}) runs in another network namespace ({engine.NetworkNamespace}) "
                + $"than directord ({directord.NetworkNamespace}): give each namespace an engine.socket of its own";
        }
        return null;
    }

    private void Refuse(string reason)
    {
        if (_channel.IsClosed)
            return;
        _server.Refused(this, reason);
        _channel.Output.Begin(MessageType.Error, 0);
        NoticeFormat.WriteError(_channel.Output, EngineFault.Refused, reason);
        _channel.Output.End();
        _channel.Flush();
        _channel.Close(reason);
    }

    private void Closed(string reason)
    {
        _helloTimer.Dispose();
        _server.Closed(this, reason);
    }
}
