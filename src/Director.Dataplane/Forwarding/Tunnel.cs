using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Tunnelling (<c>-i</c>): the packet stays as it is and travels inside another one to the server, which has the VIP itself and
/// answers the client directly. The wrapping is <see cref="TunnelTransmitter"/>'s, which sends it.
/// </summary>
public sealed class Tunnel : Forwarder
{
    public override ForwardingMethod Method => ForwardingMethod.Tunnel;

    public override bool SeesReplies => false;

    public override int Overhead(in Packet packet, Server server) =>
        Encapsulation.For(server.Configuration.TunnelType).Overhead(Wrapping.For(packet, server));

    public override void ToServer(ref Packet packet, scoped Connection connection, Server server)
    {
    }

    public override void ToClient(ref Packet packet, scoped Connection connection, Server server)
    {
    }
}
