using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>sh</c>: by the client's address (with the flag sh-port by its port too). Along the list each server gets as many buckets in a
/// row as its weight says, round and round; weight 0 gets one. Weights that add up to more than 256 leave servers without any, as
/// with IPVS. Who comes to an unavailable server is refused, or with the flag sh-fallback goes to the next that is available.
/// </summary>
public sealed class SourceHashing() : HashingScheduler(GoldenRatioHash.Buckets)
{
    public override Server? Choose(Service service, in FlowKey flow) =>
        Choose(service, ClientOf(service, flow), elsewhere: Has(service, ServiceFlags.Scheduler1));

    private protected override void Fill(ReadOnlySpan<Server> servers, Span<int> buckets)
    {
        for (int next = 0; !buckets.IsEmpty; next = (next + 1) % servers.Length)
        {
            int length = Math.Clamp(servers[next].Weight, 1, buckets.Length);
            buckets[..length].Fill(next);
            buckets = buckets[length..];
        }
    }

    private protected override int BucketOf(uint key, int offset) => GoldenRatioHash.BucketOf(key, offset);
}
