namespace Director.Dataplane.Tests.Scheduling;

/// <summary>Every choice of every recording, made again.</summary>
public sealed class RecordedRunTests
{
    public static TheoryData<string> Runs => [.. RecordedRun.All.Select(run => run.ToString())];

    public static TheoryData<string> Hashings => [.. RecordedHashing.All.Select(run => run.ToString())];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Chooses_as_ipvs_did(string name) => Replay(RecordedRun.All.Single(run => run.ToString() == name));

    [Theory]
    [MemberData(nameof(Hashings))]
    public void Hashes_as_ipvs_did(string name) => Replay(RecordedHashing.All.Single(run => run.ToString() == name));

    // Whatever is recorded was replayed: no scheduler is left out, no run cut short.
    [Theory]
    [InlineData("rr", 15, 596)]
    [InlineData("wrr", 15, 680)]
    [InlineData("lc", 9, 389)]
    [InlineData("wlc", 15, 680)]
    [InlineData("lblc", 8, 341)]
    [InlineData("lblcr", 8, 341)]
    [InlineData("dh", 8, 384)]
    [InlineData("sh", 15, 704)]
    [InlineData("mh", 14, 664)]
    [InlineData("sed", 13, 624)]
    [InlineData("nq", 13, 624)]
    [InlineData("fo", 9, 381)]
    [InlineData("ovf", 9, 381)]
    [InlineData(null, 151, 6789)]
    public void Every_recorded_choice_is_replayed(string? scheduler, int runs, int choices)
    {
        RecordedRun[] recorded = [.. RecordedRun.All.Where(run => scheduler is null || run.Scheduler == scheduler)];
        Assert.Equal((runs, choices), (recorded.Length, recorded.Sum(Replay)));
    }

    [Theory]
    [InlineData("sh", 5, 2000)]
    [InlineData("mh", 7, 2210)]
    [InlineData("dh", 1, 256)]
    [InlineData(null, 13, 4466)]
    public void Every_recorded_sample_is_replayed(string? scheduler, int runs, int samples)
    {
        RecordedHashing[] recorded = [.. RecordedHashing.All.Where(run => scheduler is null || run.Scheduler == scheduler)];
        Assert.Equal((runs, samples), (recorded.Length, recorded.Sum(Replay)));
    }

    private static int Replay(RecordedRun run)
    {
        RecordedService recorded = new();
        foreach (string command in run.Setup)
            recorded.Apply(command);
        Assert.Equal(run.ListOrder.Select(entry => entry[0].GetString()), recorded.Service.Servers.ToArray().Select(server => server.Address.ToString()));

        List<string?> chosen = [];
        for (int i = 0; i < run.Choices.Length; i++)
        {
            foreach (RecordedEdit edit in run.Events.Where(edit => edit.BeforeChoice == i))
                recorded.Apply(edit.Command);
            recorded.SetCounts(run.Choices[i].Before);
            chosen.Add(recorded.Choose(run.Choices[i].Client, run.Choices[i].Destination));
        }
        Assert.Equal(run.Choices.Select(choice => choice.Server), chosen);
        return chosen.Count;
    }

    private static int Replay(RecordedHashing run)
    {
        RecordedService recorded = new();
        foreach (string command in run.Setup)
            recorded.Apply(command);
        string?[] chosen = [.. run.Samples.Select(sample => run.Scheduler == "dh"
            ? recorded.Choose("10.1.0.2:1024", sample[0]!)
            : recorded.Choose(sample[0]!, "10.1.0.100:80"))];
        Assert.Equal(run.Samples.Select(sample => sample[1]), chosen);
        return chosen.Length;
    }
}
