using Director.Actors.Replication;

namespace Director.Actors.Tests.Replication;

/// <summary>Hundreds of seeded histories of two and three directors: cuts, restarts, losses, edits on both sides.</summary>
public sealed class ReplicationSimulationTests
{
    private const int Seeds = 150;

    [Theory]
    [InlineData(2, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(3, true)]
    public void Left_alone_all_come_to_the_same_table_and_tell_the_same(int directors, bool loses)
    {
        int edits = 0, overridden = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReplicationWorld world = new(seed, directors, loses);
            world.Start();
            world.Run(6000, apart: true);
            string[] tables = [.. world.Nodes.Select(node => Island.Text(node.Disk)).Distinct()];
            Assert.True(tables.Length == 1, $"seed {seed}:\n{string.Join("\n--\n", tables)}");
            Assert.All(world.Nodes, node => Assert.True(node.Replicator.Peers.Count == directors - 1 && node.Replicator.Peers.Values.All(peer => peer.InSync), $"seed {seed}: {node.Name} is not in sync"));
            foreach (ReplicationWorld.Node node in world.Nodes)
                AssertAccounted(world, node, seed);
            edits += world.Answered.Count;
            overridden += world.Nodes[0].Told.Count;
        }
        // Else nothing was tested.
        Assert.True(edits > 10 * Seeds && overridden > Seeds / 2, $"{edits} edits, {overridden} overridden");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Without_edits_apart_no_answered_edit_is_overridden(int directors)
    {
        int edits = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            ReplicationWorld world = new(seed, directors, loses: true);
            world.Start();
            world.Run(20_000, apart: false);
            Assert.All(world.Nodes, node => Assert.Empty(node.Told));
            AssertAccounted(world, world.Nodes[0], seed);
            edits += world.Answered.Count;
        }
        Assert.True(edits > Seeds, $"{edits} edits");
    }

    /// <summary>
    /// Of every edit that was answered: it stands, or what stands was made on top of it, or it was told of as overridden, by itself or
    /// with an edit on top of it; or another island made the same of the object, and that edit is accounted for.
    /// </summary>
    private static void AssertAccounted(ReplicationWorld world, ReplicationWorld.Node node, int seed)
    {
        HashSet<ObjectKey> told = [.. node.Told.Select(ObjectKey.Of)];
        Assert.True(told.Count == node.Told.Count, $"seed {seed}: {node.Name} told something twice");
        Assert.All(node.Told, each => Assert.True(each.Version < each.By, $"seed {seed}: {each}"));
        foreach (ReplicationWorld.Made edit in world.Answered)
            Assert.True(IsAccounted(edit), $"seed {seed}: {edit} is lost at {node.Name}, where {Objects.StampOf(node.Disk, edit.Object)} stands");

        bool IsAccounted(ReplicationWorld.Made edit) =>
            Objects.StampOf(node.Disk, edit.Object)!.Covers(edit.Stamp.Version)
            || told.Contains(new ObjectKey(ObjectKind.Override, Overridden: $"{edit.Stamp.Version} {edit.Object}"))
            || world.Edits.Any(other => other.Object == edit.Object && other.Stamp.Version > edit.Stamp.Version
                && (other.Stamp.Covers(edit.Stamp.Version) || other.Value == edit.Value) && IsAccounted(other));
    }
}
