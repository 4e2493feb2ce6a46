using System.Collections.Immutable;
using Akka.Actor;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Replication;

/// <summary>What two directors' configuration files declare.</summary>
public sealed class DeclarationTests
{
    private const string Web = "tcp 10.1.0.100:80";

    [Theory]
    [InlineData(null, null, "1", true, true, "a new director applies what it declares")]
    [InlineData("1", "1", "2", true, true, "changed since the last start")]
    [InlineData("1", "1", "1", true, false, "nothing to do")]
    [InlineData("2", "1", "1", true, false, "the other one's file was changed and applied: this one's does not undo it")]
    [InlineData("1", "1", "2", false, false, "a standby applies nothing")]
    [InlineData("1", null, "2", true, false, "what is there came from another director first")]
    public void Is_applied_when_it_changed_at_the_owner(string? applied, string? seen, string declared, bool isOwner, bool applies, string why)
    {
        ServiceTable table = ServiceTable.Empty;
        if (applied is not null)
            table = table.Apply(new DeclarationApplied(applied, [Key(Web)]) { Stamp = new Stamp(new ObjectVersion(1, 1, "b"), 0) });
        if (seen is not null)
            table = table.Apply(new DeclarationSeen(Fingerprint(seen)));
        Assert.True(applies == DeclarationJudgement.Applies(table, Fingerprint(declared), isOwner, "a"), why);
    }

    [Fact]
    public void Another_order_of_settings_or_no_services_at_all_make_no_difference()
    {
        Assert.Equal(new Declare("1", []).Fingerprint, new Declare("2", []).Fingerprint);
        Assert.NotEqual(new Declare("1", []).Fingerprint, (new Declare("1", []) { Settings = Model.Settings.Default with { DropEntry = 1 } }).Fingerprint);
        Assert.Equal(new Declare("", []).Fingerprint, Declare.AppliedTo(ServiceTable.Empty));
    }

    [Fact]
    public async Task Of_a_pair_with_different_files_the_owners_is_applied_and_both_are_told()
    {
        await using Pair pair = await Pair.StartAsync();
        await DeclareAsync(pair.A, Service(Web, "rr"));
        await DeclareAsync(pair.B, Service(Web, "sh"));
        await Pair.UntilAsync(() => pair.A.Warnings.Length == 1 && pair.B.Warnings.Length == 2, () => string.Join('\n', pair.A.Warnings.Concat(pair.B.Warnings)));
        Assert.Equal(("rr", "rr"), (pair.A.Table.Find(Key(Web))!.Scheduler, pair.B.Table.Find(Key(Web))!.Scheduler));
        Assert.StartsWith("b declares other services or settings", pair.A.Warnings[0], StringComparison.Ordinal);

        // Neither taking over nor starting anew makes the standby's file count.
        await pair.StopAsync(pair.A);
        pair.Own(pair.B, 2);
        await pair.StopAsync(pair.B);
        await pair.StartAsync(pair.B);
        await DeclareAsync(pair.B, Service(Web, "sh"));
        Assert.Equal("rr", pair.B.Table.Find(Key(Web))!.Scheduler);
        await DeclareAsync(pair.B, Service(Web, "lc"));
        Assert.Equal("lc", pair.B.Table.Find(Key(Web))!.Scheduler);
    }

    [Fact]
    public async Task Files_changed_one_after_the_other_are_applied_once_both_say_the_same()
    {
        await using Pair pair = await Pair.StartAsync();
        await DeclareAsync(pair.A, Service(Web, "rr"));
        await DeclareAsync(pair.B, Service(Web, "rr"));
        await DeclareAsync(pair.B, Service(Web, "sh"));
        Assert.Equal("rr", pair.A.Table.Find(Key(Web))!.Scheduler);
        // The standby's was first; it takes over while the owner is started anew with the new file.
        pair.Own(pair.B, 2);
        await DeclareAsync(pair.A, Service(Web, "sh"));
        await Pair.UntilAsync(() => pair.A.Table.Find(Key(Web))!.Scheduler == "sh" && pair.A.Warnings.Length + pair.B.Warnings.Length == 0, () => string.Join('\n', pair.A.Warnings.Concat(pair.B.Warnings)));
    }

    private static string Fingerprint(string digest) => new Declare(digest, [Service(Web)]).Fingerprint;

    private static async Task DeclareAsync(Pair.Side side, params ImmutableArray<VirtualService> services)
    {
        string digest = string.Join(' ', services.Select(service => $"{service.Key} {service.Scheduler}"));
        await side.Director.Actors.Replication.Ask<CommandBatchResult>(new Declare(digest, services), TestContext.Current.CancellationToken);
    }
}
