using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// NAT of both ends (<c>--fullnat</c>): to the server the packet comes from one of our local addresses, so that the answer comes back
/// to us whatever the server's routes are, even to a client of its own subnet.
/// </summary>
public sealed class FullNat : Forwarder
{
    public override ForwardingMethod Method => ForwardingMethod.FullNat;

    public override bool SeesReplies => true;

    public override void ToServer(ref Packet packet, scoped Connection connection, Server server)
    {
        LocalEndpoint local = connection.Local;
        AddressTranslation.ReplaceDestination(ref packet, server.Address, connection.Record.ServerPort);
        AddressTranslation.ReplaceSource(ref packet, local.Address, local.Port);
    }

    public override void ToClient(ref Packet packet, scoped Connection connection, Server server)
    {
        AddressTranslation.ReplaceSource(ref packet, connection.Virtual, connection.Record.VirtualPort);
        AddressTranslation.ReplaceDestination(ref packet, connection.Client, connection.Record.ClientPort);
    }
}
