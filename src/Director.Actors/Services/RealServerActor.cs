using Akka.Actor;
using Director.Model;

namespace Director.Actors.Services;

/// <summary>
/// One real server of one service: what was configured and what was last seen of it. Health, drain and slow start have their
/// place here; what they decide goes to the parent, never straight to the table. (No <see cref="ReceiveActor"/>, which builds its
/// handlers for each of tens of thousands.)
/// </summary>
internal sealed class RealServerActor(RealServer configured) : UntypedActor
{
    private RealServer _configured = configured;
    private ServerStatus? _seen;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RealServer server:
                _configured = server;
                break;
            case ServerStatus status:
                _seen = status;
                break;
            case GetRealServer:
                Sender.Tell(new RealServerView(_configured, _seen));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

internal sealed record GetRealServer;

/// <summary>A null <paramref name="Seen"/>: nothing was observed yet.</summary>
internal sealed record RealServerView(RealServer Configured, ServerStatus? Seen);
