using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Forwarding;

/// <summary>A packet-forwarding method: what is rewritten on the way to the real server, and back. A variant is a leaf file and a line in <see cref="For"/>.</summary>
public abstract class Forwarder
{
    private static readonly Forwarder?[] ByMethod = Index(new Masquerade(), new DirectRoute(), new Tunnel());

    /// <summary>The method's forwarder; null: not in this version (the control plane refuses such servers).</summary>
    public static Forwarder? For(ForwardingMethod method) => ByMethod[(int)method];

    public abstract ForwardingMethod Method { get; }

    /// <summary>Whether the real server's replies come back through the director, to be translated.</summary>
    public abstract bool SeesReplies { get; }

    /// <summary>Bytes by which the packet is longer on its way to the server: its way's MTU is so much less.</summary>
    public virtual int Overhead(in Packet packet, Server server) => 0;

    /// <summary>Rewrites a client's packet for the server. The frame's own addresses are the sender's business.</summary>
    public abstract void ToServer(ref Packet packet, scoped Connection connection, Server server);

    /// <summary>Rewrites a server's packet for the client.</summary>
    public abstract void ToClient(ref Packet packet, scoped Connection connection, Server server);

    private static Forwarder?[] Index(params ReadOnlySpan<Forwarder> all)
    {
        Forwarder?[] byMethod = new Forwarder?[byte.MaxValue];
        foreach (Forwarder forwarder in all)
            byMethod[(int)forwarder.Method] = forwarder;
        return byMethod;
    }
}
