using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// A scheduler with a fixed number of buckets, each a server's, that a hash of an address leads to. The buckets depend on the list
/// of servers and their weights alone, so the first choice after an edit fills them anew, not every edit of a batch. Servers of
/// weight 0 and overloaded ones keep their buckets: who comes there is refused, or goes on to other buckets.
/// </summary>
public abstract class HashingScheduler(int size) : Scheduler
{
    // Positions in the list of servers, of which an edit makes nonsense.
    private readonly int[] _buckets = new int[size];
    private bool _stale = true;

    public override void Start(Service service) => _stale = true;

    public override void ServerAdded(Service service, Server server) => _stale = true;

    public override void ServerRemoved(Service service, Server server) => _stale = true;

    public override void ServerEdited(Service service, Server server) => _stale = true;

    /// <summary>Gives every bucket to a server, by its position. At least one is available; nothing may be allocated.</summary>
    private protected abstract void Fill(ReadOnlySpan<Server> servers, Span<int> buckets);

    /// <summary>The bucket of a key, and with other offsets those to try instead.</summary>
    private protected abstract int BucketOf(uint key, int offset);

    /// <param name="elsewhere">
    /// Whether the key of an unavailable server goes on: to the buckets of the offsets from that of its own bucket on, round once.
    /// </param>
    private protected Server? Choose(Service service, uint key, bool elsewhere)
    {
        if (service.Weights.Highest == 0)
            return null;
        ReadOnlySpan<Server> servers = service.Servers;
        if (_stale)
            Fill(servers, _buckets);
        _stale = false;
        int home = BucketOf(key, 0);
        Server server = servers[_buckets[home]];
        for (int tried = 0; elsewhere && !server.IsAvailable && tried < _buckets.Length; tried++)
            server = servers[_buckets[BucketOf(key, (home + tried) % _buckets.Length)]];
        return server.IsAvailable ? server : null;
    }

    /// <summary>Of sh and mh: the client's address, and its port if the flag sh-port or mh-port says so.</summary>
    private protected static uint ClientOf(Service service, in FlowKey flow) =>
        Fold(flow.Source) + (Has(service, ServiceFlags.Scheduler2) ? flow.SourcePort : 0u);

    private protected static bool Has(Service service, ServiceFlags flag) => (service.Configuration.Flags & flag) != 0;

    /// <summary>An address in 32 bits: of IPv6, its four words by exclusive or.</summary>
    private protected static uint Fold(IpAddress address) =>
        address.IsIpv4 ? address.Ipv4 : (uint)(address.High >> 32) ^ (uint)address.High ^ (uint)(address.Low >> 32) ^ (uint)address.Low;
}
