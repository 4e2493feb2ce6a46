using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>NAT (<c>-m</c>): VIP and port become the server's on the way in, and the VIP's again on the way out.</summary>
public sealed class Masquerade : Forwarder
{
    public override ForwardingMethod Method => ForwardingMethod.Masquerade;

    public override bool SeesReplies => true;

    public override void ToServer(ref Packet packet, scoped Connection connection, Server server) =>
        AddressTranslation.ReplaceDestination(ref packet, server.Address, connection.Record.ServerPort);

    public override void ToClient(ref Packet packet, scoped Connection connection, Server server) =>
        AddressTranslation.ReplaceSource(ref packet, connection.Virtual, connection.Record.VirtualPort);
}
