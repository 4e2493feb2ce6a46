using Director.Dataplane.Tables;
using Director.Dataplane.Tests.Scheduling;

namespace Director.Dataplane.Tests.Tables;

public sealed class AvailableWeightsTests
{
    [Fact]
    public void Nobody_is_next_in_an_empty_service()
    {
        AvailableWeights weights = Pools.Of("rr").Weights;
        Assert.Equal(0, weights.Highest);
        Assert.Equal(-1, weights.Next(-1, 1));
    }

    // For every size up to beyond a power of two, through edits of every kind: what a walk over the list finds.
    [Fact]
    public void Finds_what_a_walk_finds_through_any_edits()
    {
        Random random = new(5);
        Service service = Pools.Of("rr");
        for (int step = 0; step < 3000; step++)
        {
            int number = random.Next(1, 21);
            Server? server = service.Find(Pools.RealServer(number, 0));
            switch (random.Next(5))
            {
                case 0 when server is null:
                    service.Add(new Server(Pools.RealServer(number, random.Next(6), (uint)random.Next(3)), 0));
                    break;
                case 1 when server is not null && random.Next(3) == 0:
                    service.Remove(server);
                    server.Edit(Pools.RealServer(number, 9)); // no longer of any interest
                    break;
                case 2 when server is not null:
                    service.SetWeight(number, random.Next(6));
                    break;
                case 3 when server is not null:
                    server.ConnectionBound(active: true);
                    break;
                case 4 when server is { ActiveConnections: > 0 }:
                    server.ConnectionUnbound(active: true);
                    break;
            }
            AssertAsWalk(service);
        }
    }

    private static void AssertAsWalk(Service service)
    {
        int[] weights = [.. service.Servers.ToArray().Select(server => server.Overloaded ? 0 : server.Weight)];
        Assert.Equal(weights.Append(0).Max(), service.Weights.Highest);
        for (int position = -1; position < weights.Length; position++)
        {
            for (int weight = 1; weight <= 6; weight++)
                Assert.Equal(Array.FindIndex(weights, position + 1, candidate => candidate >= weight), service.Weights.Next(position, weight));
        }
    }
}
