using Director.Dataplane.Connections;
using Director.Dataplane.Tables;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>dh</c>: by the destination address, so that each of the caches behind a firewall mark keeps its own part of the Internet. The
/// buckets go to the servers in turn, whatever their weights; those of an unavailable server are refused.
/// </summary>
public sealed class DestinationHashing() : HashingScheduler(GoldenRatioHash.Buckets)
{
    public override Server? Choose(Service service, in FlowKey flow) =>
        Choose(service, Fold(flow.Destination), elsewhere: false);

    private protected override void Fill(ReadOnlySpan<Server> servers, Span<int> buckets)
    {
        for (int bucket = 0; bucket < buckets.Length; bucket++)
            buckets[bucket] = bucket % servers.Length;
    }

    private protected override int BucketOf(uint key, int offset) => GoldenRatioHash.BucketOf(key, offset);
}
