using System.Buffers.Binary;
using Director.Dataplane.Connections;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Scheduling;

public sealed class MaglevHashingTests
{
    private const int Size = 4093;

    // Whatever the weights, also such that have to be shifted: the definition taken at its word chooses the same.
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(int.MaxValue)]
    public void Chooses_as_the_definition_says(int highest)
    {
        Random random = new(highest);
        for (int pool = 0; pool < 20; pool++)
        {
            int[] weights = [.. Enumerable.Range(0, random.Next(1, 40)).Select(_ => random.Next(4) == 0 ? 0 : random.Next(highest) + 1)];
            if (weights.All(weight => weight == 0))
                continue;
            Service service = Pools.Of("mh", weights);
            int[] table = TableOf(service);
            for (int i = 0; i < 200; i++)
            {
                uint client = (uint)random.NextInt64(1L << 32);
                Assert.Equal(table[Hash(client, 2654435761) % Size], service.Next(FlowOf(client)));
            }
        }
    }

    // Two servers of ten change places with one that is new: of the others' clients few are moved.
    [Fact]
    public void A_change_moves_few_clients_of_those_that_stay()
    {
        Service service = Pools.Of("mh", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        int[] before = Many(service);
        service.Remove(service.Number(3));
        service.Remove(service.Number(7));
        service.Add(new Server(Pools.RealServer(11, 1), 11));
        int moved = Many(service).Zip(before).Count(pair => pair.Second is not (3 or 7) && pair.First != pair.Second && pair.First != 11);
        Assert.InRange(moved, 0, before.Length / 10);
    }

    [Fact]
    public void A_weight_of_0_for_a_while_moves_nobody()
    {
        Service service = Pools.Of("mh", 3, 2, 1);
        int[] before = Many(service);
        service.SetWeight(1, 0);
        Assert.Equal(before.Select(number => number == 1 ? 0 : number), Many(service));
        service.SetWeight(1, 3);
        Assert.Equal(before, Many(service));
    }

    [Fact]
    public void A_server_added_with_weight_0_has_no_buckets_and_one_added_back_so_neither()
    {
        Service service = Pools.Of("mh", 1, 1, 0);
        Assert.DoesNotContain(0, Many(service));
        service.SetWeight(3, 1);
        Assert.Contains(3, Many(service));
        Server server = service.Number(3);
        service.Remove(server);
        server.Edit(Pools.RealServer(3, 0));
        service.Add(server);
        Assert.Equal([1, 2], Many(service).Distinct().Order());
    }

    private static int[] Many(Service service) => [.. Enumerable.Range(0, 2000).Select(i => service.Next(FlowOf((uint)i * 77)))];

    private static FlowKey FlowOf(uint client) => new(IpProtocol.Tcp, client, 1024, 0x0A010064, 80);

    // Section 3.4 of the paper: each server's permutation as a queue, and turns by weight.
    private static int[] TableOf(Service service)
    {
        Server[] servers = [.. service.Servers.ToArray().Where(server => server.Weight > 0)];
        int divisor = servers.Select(server => server.Weight).Aggregate((a, b) => { while (b != 0) (a, b) = (b, a % b); return a; });
        int shift = 0;
        while (servers.Max(server => server.Weight) / divisor >> shift > 63)
            shift++;
        Queue<int>[] permutations = [.. servers.Select(server =>
        {
            uint key = server.Address.Ipv4 + server.Port;
            long offset = Hash(key, 2654435761) % Size, skip = Hash(key, 2654446892) % (Size - 1) + 1;
            return new Queue<int>(Enumerable.Range(0, Size).Select(i => (int)((offset + i * skip) % Size)));
        })];
        int[] table = new int[Size];
        for (int free = Size; free > 0;)
        {
            for (int i = 0; i < servers.Length; i++)
            {
                int turns = Math.Max(1, servers[i].Weight / divisor >> shift);
                for (int turn = 0; turn < turns && free > 0; turn++, free--)
                {
                    int bucket;
                    while (table[bucket = permutations[i].Dequeue()] != 0)
                        continue;
                    table[bucket] = Pools.NumberOf(servers[i]);
                }
            }
        }
        return table;
    }

    private static long Hash(uint word, ulong key)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, word);
        return (uint)SipHashTests.Reference(1, 3, key, key, bytes);
    }
}
