using Akka.Actor;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// One real server of one service: what was configured and what was last seen of it. Health, drain and slow start have their
/// place here; what they decide goes to the parent, never straight to the table.
/// </summary>
internal sealed class RealServerActor : ReceiveActor
{
    private RealServer _configured;
    private ServerStatus? _seen;

    public RealServerActor(RealServer configured)
    {
        _configured = configured;
        Receive<RealServer>(server => _configured = server);
        Receive<ServerStatus>(status => _seen = status);
        Receive<GetRealServer>(_ => Sender.Tell(new RealServerView(_configured, _seen)));
    }
}

internal sealed record GetRealServer;

/// <summary>A null <paramref name="Seen"/>: nothing was observed yet.</summary>
internal sealed record RealServerView(RealServer Configured, ServerStatus? Seen);
