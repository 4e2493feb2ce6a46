using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Marks;

public sealed class MarkStateTests
{
    private const string Web = "-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7";
    private const string Mail = "-d 10.1.0.100 -p tcp --dport 25 -j MARK --set-mark 8";
    private const string Name = "-d 10.1.0.100 -p udp --dport 53 -j MARK --set-mark 9";

    private readonly MarkState _state = new() { Configured = [Mark(Web)], Added = [Mark(Mail)], Interfaces = ["eth0", "eth1"] };

    /// <summary>Command, what it is answered, the rules that commands added afterwards.</summary>
    public static TheoryData<string, DirectorCommand, CommandError, string?, string[]> Cases => new()
    {
        { "add", new AddMarks([Mark(Name)]), CommandError.None, null, [Mail, Name] },
        { "add two, one is there", new AddMarks([Mark(Name), Mark(Mail)]), CommandError.MarkExists, $"{Mail}: it is rule 2 already", [Mail] },
        { "add the same twice", new AddMarks([Mark(Name), Mark(Name)]), CommandError.MarkExists, $"{Name}: it is rule 3 already", [Mail] },
        { "add what the file has", new AddMarks([Mark(Web)]), CommandError.MarkExists, $"{Web}: it is rule 1 already", [Mail] },
        {
            "add for an interface that is not the director's", new AddMarks([Mark("-i eth2 -j MARK --set-mark 7")]), CommandError.InvalidOperation,
            "-i eth2 -j MARK --set-mark 7: -i eth2 is none of director.interfaces (eth0, eth1)", [Mail]
        },
        { "add for all other interfaces", new AddMarks([Mark("! -i eth+ -j MARK --set-mark 7")]), CommandError.InvalidOperation, "! -i eth+ -j MARK --set-mark 7: ! -i eth+ is none of director.interfaces (eth0, eth1)", [Mail] },
        { "add none", new AddMarks([]), CommandError.None, null, [Mail] },
        { "delete", new DeleteMarks([Mark(Mail)]), CommandError.None, null, [] },
        { "delete twice", new DeleteMarks([Mark(Mail), Mark(Mail)]), CommandError.NoSuchMark, $"{Mail}: there is no such rule", [Mail] },
        { "delete what is not there", new DeleteMarks([Mark(Mail), Mark(Name)]), CommandError.NoSuchMark, $"{Name}: there is no such rule", [Mail] },
        {
            "delete what the file has", new DeleteMarks([Mark(Web)]), CommandError.InvalidOperation,
            $"{Web}: it stands in the configuration (director.firewall-marks); remove it there and restart", [Mail]
        },
        { "delete by number", new DeleteMark(2), CommandError.None, null, [] },
        {
            "delete by a number of the file", new DeleteMark(1), CommandError.InvalidOperation,
            $"{Web}: it stands in the configuration (director.firewall-marks); remove it there and restart", [Mail]
        },
        { "delete 0", new DeleteMark(0), CommandError.NoSuchMark, "there is no rule 0; there are 2", [Mail] },
        { "delete beyond the end", new DeleteMark(3), CommandError.NoSuchMark, "there is no rule 3; there are 2", [Mail] },
        { "clear", new ClearMarks(), CommandError.None, null, [] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_command_is_decided_whole(string name, DirectorCommand command, CommandError error, string? detail, string[] added)
    {
        Decision decision = _state.Decide(command);
        Assert.Equal((error, detail), (decision.Result.Error, decision.Result.Detail));
        MarkState after = decision.Events.Aggregate(_state, (state, happened) => state.Apply((MarkEvent)happened));
        Assert.Equal(added, after.Added.Select(rule => rule.ToString()));
        Assert.True(error == CommandError.None || decision.Events.IsEmpty, name);
    }

    [Fact]
    public void Nothing_to_clear_is_no_event() => Assert.Empty(MarkState.Empty.Decide(new ClearMarks()).Events);

    [Fact]
    public void The_listing_numbers_them_and_tells_those_of_no_use()
    {
        MarkState state = _state with { Added = [Mark("-i eth9 -j MARK --set-mark 1"), Mark("-p icmp -j MARK --set-mark 1"), Mark(Mail)] };
        Assert.Equal(
            [
                new MarkEntry(1, Mark(Web), MarkOrigin.Configuration),
                new MarkEntry(2, Mark("-i eth9 -j MARK --set-mark 1"), MarkOrigin.Command, "-i eth9 is none of director.interfaces (eth0, eth1)"),
                new MarkEntry(3, Mark("-p icmp -j MARK --set-mark 1"), MarkOrigin.Command, "it marks only icmp, which no service balances"),
                new MarkEntry(4, Mark(Mail), MarkOrigin.Command),
            ],
            state.List());
        Assert.Equal(
            [
                "mark rule 2 (-i eth9 -j MARK --set-mark 1) is of no use: -i eth9 is none of director.interfaces (eth0, eth1)",
                "mark rule 3 (-p icmp -j MARK --set-mark 1) is of no use: it marks only icmp, which no service balances",
            ],
            state.Warnings());
    }
}
