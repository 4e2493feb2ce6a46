using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;
using FsCheck;
using FsCheck.Fluent;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Replication;

/// <summary>Whatever three directors do apart, merging is idempotent, commutative and does not mind in which order.</summary>
public sealed class MergingPropertyTests
{
    /// <summary>A step: who does it, what (0-3: put, delete, timeouts, merge from the next one), and to which object.</summary>
    private static readonly Gen<(int Who, int What, int Object, int Value)[]> Histories =
        (from who in Gen.Choose(0, 2) from what in Gen.Choose(0, 3) from which in Gen.Choose(1, 3) from value in Gen.Choose(0, 2) select (who, what, which, value)).ArrayOf();

    [Fact]
    public void Every_order_comes_to_the_same() => Check(islands =>
    {
        DirectorEvent[][] states = [.. islands.Select(island => island.States())];
        string[] merged = [.. Orders.Select(order =>
        {
            Island one = new("x");
            foreach (int i in order)
                one.Merge(states[i]);
            return Island.Text(one.Table);
        }).Distinct()];
        Assert.Single(merged);
    });

    [Fact]
    public void Objects_of_one_table_may_come_in_any_order() => Check(islands =>
    {
        Island forth = new("x", islands[0].Table), back = new("x", islands[0].Table);
        forth.Merge([.. islands[1].States(), .. islands[2].States()]);
        back.Merge([.. islands[2].States().Reverse(), .. islands[1].States().Reverse()]);
        Assert.Equal(Island.Text(forth.Table), Island.Text(back.Table));
    });

    [Fact]
    public void Merged_again_nothing_changes() => Check(islands =>
    {
        islands[0].Merge(islands[1]);
        Assert.Empty(islands[0].Merge(islands[1].States()));
        Assert.Empty(islands[0].Merge(islands[0].States()));
    });

    [Fact]
    public void Digests_are_the_same_exactly_if_the_tables_are() => Check(islands =>
    {
        bool same = Island.Text(islands[0].Table) == Island.Text(islands[1].Table) && islands[0].Table.Replica.Overridden.Keys.ToHashSet().SetEquals(islands[1].Table.Replica.Overridden.Keys);
        Assert.Equal(same, ObjectDigest.Of(islands[0].Table).AsSpan().SequenceEqual(ObjectDigest.Of(islands[1].Table).AsSpan()));
    });

    [Fact]
    public void A_snapshot_and_a_replay_bring_back_everything() => Check(islands =>
    {
        ServiceTable restored = Actors.Journal.TableSnapshot.Of(islands[0].Table).Restore();
        Assert.Equal(Island.Text(islands[0].Table), Island.Text(restored));
        Assert.Equal(
            (islands[0].Table.Replica.Epoch, islands[0].Table.Replica.Sequence, islands[0].Table.Replica.Overridden.Count),
            (restored.Replica.Epoch, restored.Replica.Sequence, restored.Replica.Overridden.Count));
    });

    private static readonly int[][] Orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

    private static void Check(Action<Island[]> property) =>
        Prop.ForAll(Histories.ToArbitrary(), history => property(Live(history)))
            .Check(Config.QuickThrowOnFailure.WithReplay(20_261_130, 1).WithMaxTest(300));

    private static Island[] Live((int Who, int What, int Object, int Value)[] history)
    {
        Island[] islands = [new("a"), new("b") { Epoch = 2 }, new("c")];
        foreach ((int who, int what, int which, int value) in history)
        {
            Island island = islands[who];
            ServiceKey key = Key($"fwmark {which}");
            bool there = island.Table.Find(key) is not null;
            string scheduler = ((string[])["rr", "wrr", "sh"])[value];
            DirectorCommand? command = what switch
            {
                0 => there ? new EditService(Service($"fwmark {which}", scheduler)) : new AddService(Service($"fwmark {which}", scheduler)),
                1 when there => new DeleteService(key),
                2 => new SetTimeouts(new Timeouts((uint)value + 1, 2, 3)),
                _ => null,
            };
            if (command is not null)
                island.Edit(command);
            else if (what == 3)
                island.Merge(islands[(who + which) % 3]);
        }
        return islands;
    }
}
