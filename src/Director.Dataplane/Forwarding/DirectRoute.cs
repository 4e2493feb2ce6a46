using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>Direct routing (<c>-g</c>): the packet stays as it is, only the frame goes to the server, which has the VIP itself and answers the client directly.</summary>
public sealed class DirectRoute : Forwarder
{
    public override ForwardingMethod Method => ForwardingMethod.DirectRoute;

    public override bool SeesReplies => false;

    public override void ToServer(ref Packet packet, scoped Connection connection, Server server)
    {
    }

    public override void ToClient(ref Packet packet, scoped Connection connection, Server server)
    {
    }
}
