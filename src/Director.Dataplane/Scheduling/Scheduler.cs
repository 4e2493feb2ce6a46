using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// Chooses the real server of a new connection. One instance a service, with that service's state; used by the packet
/// thread only, so without locks. <see cref="Choose"/> allocates nothing. An edit of the service that keeps the scheduler keeps
/// the instance; its flags are read when choosing.
/// </summary>
public abstract class Scheduler
{
    /// <summary>The server for a new connection with this first packet, or null: none is available.</summary>
    public abstract Server? Choose(Service service, in FlowKey flow);

    /// <summary>Bound to a service that already has servers (<c>-E -s other</c>).</summary>
    public virtual void Start(Service service)
    {
    }

    /// <summary>The server is in the list, at its head.</summary>
    public virtual void ServerAdded(Service service, Server server)
    {
    }

    /// <summary>The server is about to leave the list and still in it.</summary>
    public virtual void ServerRemoving(Service service, Server server)
    {
    }

    /// <summary>The server has left the list.</summary>
    public virtual void ServerRemoved(Service service, Server server)
    {
    }

    /// <summary>Weight, method or thresholds changed.</summary>
    public virtual void ServerEdited(Service service, Server server)
    {
    }
}
