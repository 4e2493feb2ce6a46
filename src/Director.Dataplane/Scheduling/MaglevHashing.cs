using System.Numerics;
using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// <c>mh</c>: Maglev's consistent hashing (Eisenbud et al., NSDI 2016, section 3.4) by the client's address (with the flag mh-port
/// by its port too): a change of the servers moves few clients between those that stay. Each server has a permutation of the
/// buckets of its own; in turn each takes the next free ones of its permutation, so many at a time as its weight says. Who comes to
/// an unavailable server is refused, or with the flag mh-fallback goes on by further hashes. A weight set to 0 for a while moves
/// nobody: the last weight above 0 counts here.
/// </summary>
public sealed class MaglevHashing() : HashingScheduler(Size)
{
    // A prime, so that every skip leads through all buckets: that of the Linux kernel's MH_TAB_INDEX=12, as are the keys.
    private const int Size = 4093;
    private const ulong OffsetKey = 2654435761;
    private const ulong SkipKey = 2654446892;

    // Turns in a row are at most 63: weights are divided by their divisor and then shifted until they fit.
    private const int TurnBits = 6;

    private const int Nobody = -1;

    private Permutation[] _permutations = [];

    public override void Start(Service service)
    {
        base.Start(service);
        MakeRoom(service);
    }

    public override void ServerAdded(Service service, Server server)
    {
        base.ServerAdded(service, server);
        MakeRoom(service);
    }

    public override Server? Choose(Service service, in FlowKey flow) =>
        Choose(service, ClientOf(service, flow), elsewhere: Has(service, ServiceFlags.Scheduler1));

    private protected override int BucketOf(uint key, int offset) => (int)(SipHash.Of(key + (uint)offset, OffsetKey) % Size);

    private protected override void Fill(ReadOnlySpan<Server> servers, Span<int> buckets)
    {
        Permute(servers);
        buckets.Fill(Nobody);
        int free = buckets.Length;
        while (true)
        {
            for (int i = 0; i < servers.Length; i++)
            {
                ref Permutation permutation = ref _permutations[i];
                for (int turn = 0; turn < permutation.Turns; turn++)
                {
                    while (buckets[permutation.Position] != Nobody)
                        permutation.Advance();
                    buckets[permutation.Position] = i;
                    if (--free == 0)
                        return;
                }
            }
        }
    }

    private void Permute(ReadOnlySpan<Server> servers)
    {
        int divisor = 0, highest = 0;
        foreach (Server server in servers)
        {
            divisor = GreatestCommonDivisor.Of(divisor, server.LastWeight);
            highest = Math.Max(highest, server.LastWeight);
        }
        int shift = Math.Max(0, BitOperations.Log2((uint)(highest / divisor)) + 1 - TurnBits);
        for (int i = 0; i < servers.Length; i++)
        {
            int weight = servers[i].LastWeight;
            uint key = Fold(servers[i].Address) + servers[i].Port;
            _permutations[i] = new Permutation
            {
                Position = (int)(SipHash.Of(key, OffsetKey) % Size),
                Skip = (int)(SipHash.Of(key, SkipKey) % (Size - 1)) + 1,
                Turns = weight == 0 ? 0 : Math.Max(1, weight / divisor >> shift),
            };
        }
    }

    private void MakeRoom(Service service)
    {
        if (_permutations.Length < service.Servers.Length)
            _permutations = new Permutation[BitOperations.RoundUpToPowerOf2((uint)service.Servers.Length)];
    }

    private struct Permutation
    {
        public int Position;
        public int Skip;

        /// <summary>How many buckets it takes in a row.</summary>
        public int Turns;

        public void Advance() => Position = Position + Skip < Size ? Position + Skip : Position + Skip - Size;
    }
}
