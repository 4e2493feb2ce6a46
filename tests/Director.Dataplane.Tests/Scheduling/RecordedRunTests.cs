using System.Buffers.Binary;
using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>Every choice of every recorded run of the schedulers there are, made again.</summary>
public sealed class RecordedRunTests
{
    public static TheoryData<string> Runs => [.. Known.Select(run => run.ToString())];

    private static IEnumerable<RecordedRun> Known => RecordedRun.All.Where(run => SchedulerRegistry.Knows(run.Scheduler));

    [Theory]
    [MemberData(nameof(Runs))]
    public void Chooses_as_ipvs_did(string name)
    {
        RecordedRun run = Known.Single(run => run.ToString() == name);
        RecordedService recorded = new();
        foreach (string command in run.Setup)
            recorded.Apply(command);
        Assert.Equal(run.ListOrder.Select(entry => entry[0].GetString()), recorded.Service.Servers.ToArray().Select(AddressOf));

        List<string?> chosen = [];
        for (int i = 0; i < run.Choices.Length; i++)
        {
            foreach (RecordedEdit edit in run.Events.Where(edit => edit.BeforeChoice == i))
                recorded.Apply(edit.Command);
            recorded.SetCounts(run.Choices[i].Before);
            Server? server = recorded.Service.Scheduler.Choose(recorded.Service, FlowOf(run.Choices[i]));
            chosen.Add(server is null ? null : RecordedService.NameOf(server));
        }
        Assert.Equal(run.Choices.Select(choice => choice.Server), chosen);
    }

    [Theory]
    [InlineData("rr", 15, 596)]
    [InlineData("wrr", 15, 680)]
    [InlineData("lc", 9, 389)]
    [InlineData("wlc", 15, 680)]
    [InlineData("sed", 13, 624)]
    [InlineData("nq", 13, 624)]
    [InlineData("fo", 9, 381)]
    [InlineData("ovf", 9, 381)]
    public void The_recordings_are_whole(string scheduler, int runs, int choices)
    {
        Assert.Equal(runs, RecordedRun.All.Count(run => run.Scheduler == scheduler));
        Assert.Equal(choices, RecordedRun.All.Where(run => run.Scheduler == scheduler).Sum(run => run.Choices.Length));
    }

    private static string AddressOf(Server server) => server.Configuration.Address.ToString();

    private static FlowKey FlowOf(RecordedChoice choice)
    {
        (uint source, ushort sourcePort) = Parse(choice.Client);
        (uint destination, ushort port) = Parse(choice.Destination);
        return new FlowKey(IpProtocol.Tcp, source, sourcePort, destination, port);
    }

    private static (uint Address, ushort Port) Parse(string text)
    {
        IPEndPoint point = IPEndPoint.Parse(text);
        return (BinaryPrimitives.ReadUInt32BigEndian(point.Address.GetAddressBytes()), (ushort)point.Port);
    }
}
