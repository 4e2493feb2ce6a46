using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Looks all connections through after the table of services has changed: servers that are back find theirs counted again, and
/// with expire_nodest_conn the connections of those that are gone end with them.
/// </summary>
public sealed class ConnectionReview(ConnectionTable connections, ServiceTable services, ConnectionForwarder forwarder)
{
    // The next connection to be looked at for its server's sake; 0: none.
    private uint _next;

    /// <summary>The table or the settings are others. What is to be seen at once is done at once.</summary>
    public void Begin()
    {
        _next = 1;
        Recount(services.TakeRevived());
    }

    /// <summary>Goes on with what can wait: at most so many connections.</summary>
    public void Continue(int budget)
    {
        if (!services.Settings.ExpireNodestConn)
            _next = 0;
        for (; _next != 0 && budget > 0; budget--)
        {
            EndIfAbandoned(_next);
            _next = _next < connections.Capacity ? _next + 1 : 0;
        }
    }

    // A template goes with the last of its connections. (IPVS: ip_vs_expire_nodest_conn_flush.)
    private void EndIfAbandoned(uint number)
    {
        ref ConnectionRecord connection = ref connections[number];
        if (!connection.IsInUse || !services.IsGone(connection.ServerSlot) || connections.Templates.IsInUse(number))
            return;
        uint template = connections.Templates.Of(number);
        forwarder.Remove(number);
        if (template != 0 && !connections.Templates.IsInUse(template))
            forwarder.Remove(template);
    }

    // Connections that were there before their server was: after an engine restart, above all.
    private void Recount(IReadOnlySet<Server> revived)
    {
        if (revived.Count == 0)
            return;
        for (uint number = 1; number <= connections.Capacity; number++)
        {
            ref ConnectionRecord connection = ref connections[number];
            if (!connection.IsInUse || services.ServerAt(connection.ServerSlot) is not { } server || !revived.Contains(server))
                continue;
            if ((connection.Flags & ConnectionFlags.Template) != 0)
                server.TemplateBound();
            else
                server.ConnectionBound(connection.IsActive);
        }
    }
}
