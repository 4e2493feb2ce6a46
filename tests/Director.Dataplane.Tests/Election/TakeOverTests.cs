using Director.Dataplane.Election;
using Director.Dataplane.Tests.Election.Simulation;

namespace Director.Dataplane.Tests.Election;

/// <summary>How long nobody owns, with messages that are late by up to I/8, on several seeds.</summary>
public sealed class TakeOverTests
{
    private const int Seeds = 50;

    [Theory]
    [InlineData(2, 40, 200)]
    [InlineData(3, 40, 200)]
    [InlineData(2, 10, 60)]
    [InlineData(3, 10, 60)]
    public void Ten_owners_in_a_row_that_vanish_are_each_replaced_within(int directors, int interval, int milliseconds) =>
        TenInARow(directors, interval, milliseconds, (simulation, owner) => owner.Die());

    [Theory]
    [InlineData(2, 40, 60)]
    [InlineData(3, 40, 60)]
    [InlineData(2, 10, 20)]
    public void Ten_engines_in_a_row_known_to_be_dead_are_each_replaced_within(int directors, int interval, int milliseconds) =>
        TenInARow(directors, interval, milliseconds, (simulation, owner) =>
        {
            owner.Die();
            simulation.TellOthers(owner, ElectionInput.PeerDead(owner.Settings.Id), 5000);
        });

    [Theory]
    [InlineData(2, 40, 20)]
    [InlineData(3, 40, 20)]
    [InlineData(2, 10, 20)]
    public void Ten_hand_overs_in_a_row_each_take_at_most(int directors, int interval, int milliseconds) =>
        TenInARow(directors, interval, milliseconds, (simulation, owner) =>
            owner.Give(ElectionInput.Resign(0, ElectionReason.Planned), simulation.Now));

    [Fact]
    public void A_third_director_that_hears_the_owner_keeps_one_that_does_not_from_taking()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Simulation.Simulation simulation = Started(3, 40, seed);
            SimulatedDirector owner = Owner(simulation)!;
            int deaf = (owner.Index + 1) % 3;
            foreach (Channel channel in Enum.GetValues<Channel>())
                simulation.Network.Cut(channel, owner.Index, deaf, true, simulation.Now);
            ulong epoch = owner.State.Epoch;
            simulation.RunUntil(simulation.Now + 5_000_000);
            Assert.Equal((owner, epoch), (Owner(simulation), simulation.Directors[deaf].State.EpochSeen));
            Assert.Equal(ElectionPhase.Standby, simulation.Directors[deaf].State.Phase);
        }
    }

    private static void TenInARow(int directors, int interval, int milliseconds, Action<Simulation.Simulation, SimulatedDirector> end)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            Simulation.Simulation simulation = Started(directors, interval, seed);
            for (int i = 0; i < 10; i++)
            {
                SimulatedDirector before = Owner(simulation)!;
                long ended = simulation.Now;
                end(simulation, before);
                while (Owner(simulation) is null && simulation.Now - ended < 1_000_000)
                    simulation.RunUntil(simulation.Now + 500);
                Assert.InRange((simulation.Now - ended) / 1000.0, 0, milliseconds);
                if (!before.IsUp)
                    simulation.Restart(before, 0);
                simulation.RunUntil(simulation.Now + 500_000);
            }
        }
    }

    private static Simulation.Simulation Started(int directors, int interval, int seed)
    {
        Simulation.Simulation simulation = new(new Scenario(directors, interval * 1000L, Preempt: false), seed, trace: false);
        foreach (SimulatedDirector director in simulation.Directors)
            simulation.Restart(director, 0);
        simulation.RunUntil(simulation.Now + 1_000_000 + (seed * 777));
        return simulation;
    }

    private static SimulatedDirector? Owner(Simulation.Simulation simulation)
    {
        Assert.Null(simulation.Watch.Violation);
        return Array.Find(simulation.Directors, director => director.Owns(simulation.Now));
    }
}
