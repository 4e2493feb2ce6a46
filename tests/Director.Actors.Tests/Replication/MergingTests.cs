using System.Net;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Replication;

public sealed class MergingTests
{
    private const string Web = "tcp 10.1.0.100:80";

    private readonly Island _a = new("a");
    private readonly Island _b = new("b");

    [Fact]
    public void An_empty_director_becomes_like_the_other()
    {
        _a.Edit(new AddService(Service(Web)), new AddServer(Key(Web), Server("10.2.0.11:80")), new SetTimeouts(new Timeouts(10, 20, 30)));
        _a.Edit(new AddMarks([Mark("-d 10.1.0.100 -j MARK --set-mark 7")]), new SetSettings(new() { ["drop_entry"] = 1 }));
        _a.Edit(new AddService(Service("fwmark 7")), new DeleteService(Key(Web)), new AddService(Service("udp 10.1.0.100:53", "rr")));
        _b.Merge(_a);
        Assert.Equal(Island.Text(_a.Table), Island.Text(_b.Table));
        Assert.Equal(["fwmark 7", "udp 10.1.0.100:53"], _b.Table.Services.Select(service => service.Key.ToString()));
        Assert.Empty(_b.Told);
        Assert.Empty(_b.Merge(_a.States()));
    }

    [Fact]
    public void Edits_of_different_services_on_both_sides_all_stay()
    {
        Together(new AddService(Service(Web)), new AddService(Service("fwmark 7")));
        _a.Edit(new EditService(Service(Web, "rr")));
        _b.Edit(new EditService(Service("fwmark 7", "sh")), new AddService(Service("fwmark 8")));
        Meet();
        Assert.Equal(["tcp 10.1.0.100:80 rr", "fwmark 7 sh", "fwmark 8 wlc"], _a.Table.Services.Select(service => $"{service.Key} {service.Scheduler}"));
        Assert.Empty(_a.Told);
        Assert.Empty(_b.Told);
    }

    [Fact]
    public void Of_two_edits_of_one_service_the_higher_epoch_stays_and_the_other_is_told_with_both_values()
    {
        Together(new AddService(Service(Web)), new AddServer(Key(Web), Server("10.2.0.11:80")));
        for (int weight = 2; weight < 9; weight++)
            _a.Edit(new EditServer(Key(Web), Server("10.2.0.11:80", weight: weight)));
        _b.Epoch = 2;
        _b.Edit(new EditService(Service(Web, "rr")));
        Meet();
        EditOverridden told = Assert.Single(_a.Told);
        Assert.Equal(told, Assert.Single(_b.Told));
        Assert.Equal(
            new EditOverridden(
                $"service {Web}", new ObjectVersion(1, 8, "a"), new ObjectVersion(2, 2, "b"),
                "-A -t 10.1.0.100:80 -s wlc; -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 8",
                "-A -t 10.1.0.100:80 -s rr; -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 1", Island.Now),
            told);
        Assert.Equal("rr", _a.Table.Find(Key(Web))!.Scheduler);
    }

    [Fact]
    public void The_same_edit_on_both_sides_is_no_conflict()
    {
        Together(new AddService(Service(Web)));
        _a.Edit(new EditService(Service(Web, "rr")));
        _b.Edit(new EditService(Service(Web, "rr")));
        Meet();
        Assert.Empty(_a.Told);
        Assert.Empty(_b.Told);
    }

    [Fact]
    public void What_was_deleted_does_not_come_back_with_one_who_was_away()
    {
        Together(new AddService(Service(Web)), new AddService(Service("fwmark 7")));
        _a.Edit(new DeleteService(Key(Web)));
        Meet();
        Assert.Equal("fwmark 7", Assert.Single(_b.Table.Services).Key.ToString());
        Assert.Empty(_b.Told);
    }

    [Fact]
    public void Deleted_here_and_edited_there_is_told_whichever_stays()
    {
        Together(new AddService(Service(Web)));
        _a.Edit(new DeleteService(Key(Web)));
        _b.Epoch = 2;
        _b.Edit(new EditService(Service(Web, "rr")));
        Meet();
        Assert.Equal(("-D -t 10.1.0.100:80", "-A -t 10.1.0.100:80 -s rr"), (_a.Told[0].Was, _a.Told[0].Stands));
        Assert.NotNull(_a.Table.Find(Key(Web)));
    }

    [Fact]
    public void An_edit_after_the_conflict_settles_it()
    {
        Of_two_edits_of_one_service_the_higher_epoch_stays_and_the_other_is_told_with_both_values();
        _a.Edit(new EditService(Service(Web, "sh")));
        Meet();
        Assert.Equal("sh", _b.Table.Find(Key(Web))!.Scheduler);
        Assert.Single(_a.Told);
        Assert.Single(_b.Told);
    }

    [Fact]
    public void A_third_director_with_the_edit_that_lost_tells_of_it_once_too()
    {
        Island c = new("c");
        Together(new AddService(Service(Web)));
        _a.Edit(new EditService(Service(Web, "rr")));
        c.Merge(_a);
        _b.Epoch = 2;
        _b.Edit(new EditService(Service(Web, "sh")));
        Meet();
        c.Merge(_b);
        c.Merge(_a);
        _a.Merge(c);
        Assert.All([_a, _b, c], island => Assert.Equal("1.2.a", Assert.Single(island.Told).Version.ToString()));
    }

    [Fact]
    public void Tables_from_before_there_were_versions_become_one_and_every_director_chooses_the_same()
    {
        Island a = new("a", Unversioned(new ServiceAdded(Service(Web, "rr")), new ServiceAdded(Service("fwmark 1"))));
        Island b = new("b", Unversioned(new ServiceAdded(Service(Web, "sh")), new TimeoutsSet(new Timeouts(1, 2, 3))));
        Assert.False(ObjectDigest.Of(a.Table).SequenceEqual(ObjectDigest.Of(b.Table)));
        DirectorEvent[] before = a.States();
        a.Merge(b);
        b.Merge(before);
        Assert.Equal(Island.Text(a.Table), Island.Text(b.Table));
        Assert.Equal(a.Told, b.Told);
        Assert.Equal(2, a.Table.Count);
        Assert.Equal(new Timeouts(1, 2, 3), a.Table.Timeouts);
        a.Edit(new EditService(Service(Web, "lc")));
        b.Merge(a);
        Assert.Equal("lc", b.Table.Find(Key(Web))!.Scheduler);
        Assert.Single(b.Told);
    }

    [Fact]
    public void A_tombstone_is_remembered_for_thirty_days()
    {
        const long Day = 24 * 60 * 60;
        Together(new AddService(Service(Web)));
        _a.Edit(new DeleteService(Key(Web)));
        ServiceTable young = _a.Table with { Replica = _a.Table.Replica.Forget(_a.Table, Island.Now + (30 * Day)) };
        ServiceTable old = _a.Table with { Replica = _a.Table.Replica.Forget(_a.Table, Island.Now + (31 * Day)) };
        Assert.NotNull(Objects.StateOf(young, ObjectKey.Of(Key(Web))));
        Assert.Null(Objects.StateOf(old, ObjectKey.Of(Key(Web))));
        Assert.Empty(new Island("c").Merge(_a.States(), Island.Now + (31 * Day)));
        Assert.Equal(_a.Table.Replica.Sequence, old.Replica.Sequence);
    }

    [Fact]
    public void Digests_name_what_differs()
    {
        Together([.. Enumerable.Range(1, 300).Select(port => new AddService(Service($"tcp 10.1.0.100:{port}")))]);
        Assert.Empty(ObjectDigest.Differing(_a.Table, ObjectDigest.Of(_a.Table), ObjectDigest.Of(_b.Table)));
        _a.Edit(new EditService(Service("tcp 10.1.0.100:7", "rr")));
        var differing = ObjectDigest.Differing(_a.Table, ObjectDigest.Of(_a.Table), ObjectDigest.Of(_b.Table));
        Assert.Contains(ObjectKey.Of(Key("tcp 10.1.0.100:7")), differing);
        Assert.InRange(differing.Length, 1, 4);
    }

    [Fact]
    public void A_digest_is_computed_the_same_for_ever()
    {
        _a.Edit(new AddService(Service(Web)), new SetTimeouts(new Timeouts(1, 2, 3)));
        var digest = ObjectDigest.Of(_a.Table);
        Assert.Equal("269:2a4bb4eb46db39f0 697:f4d36ba12234a02d", string.Join(' ', Enumerable.Range(0, digest.Length).Where(i => digest[i] != 0).Select(i => $"{i}:{digest[i]:x}")));
    }

    [Fact]
    public void Content_is_compared_without_versions_and_order()
    {
        _a.Edit(new AddService(Service(Web)), new AddService(Service("fwmark 7")));
        _b.Edit(new AddService(Service("fwmark 7")));
        Assert.NotEqual(Objects.ContentHash(_a.Table), Objects.ContentHash(_b.Table));
        _b.Edit(new AddService(Service(Web)));
        Assert.Equal(Objects.ContentHash(_a.Table), Objects.ContentHash(_b.Table));
    }

    [Fact]
    public void A_server_deleted_with_its_service_edited_apart_is_one_conflict_of_the_service()
    {
        Together(new AddService(Service(Web)), new AddServer(Key(Web), Server("10.2.0.11:80")));
        _a.Edit(new DeleteServer(Key(Web), IPAddress.Parse("10.2.0.11"), 80));
        _b.Edit(new AddServer(Key(Web), Server("10.2.0.12:80")));
        Meet();
        Assert.Equal(Island.Text(_a.Table), Island.Text(_b.Table));
        Assert.Single(_a.Told);
    }

    private void Together(params DirectorCommand[] commands)
    {
        _a.Edit(commands);
        _b.Merge(_a);
    }

    private void Meet()
    {
        DirectorEvent[] before = _a.States();
        _a.Merge(_b);
        _b.Merge(before);
        Assert.Equal(Island.Text(_a.Table), Island.Text(_b.Table));
    }

    private static ServiceTable Unversioned(params DirectorEvent[] events) => events.Aggregate(ServiceTable.Empty, (table, happened) => table.Apply(happened));
}
