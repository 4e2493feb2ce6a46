using System.Collections.Immutable;
using Director.Dataplane.Marks;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Services of a firewall mark, with and without persistence: what is sent to 10.9/16 through the director has mark 1.</summary>
public sealed class MarkLifeTests : RecordedLife
{
    public MarkLifeTests()
    {
        Assert.True(MarkRule.TryParse("-d 10.9.0.0/16 -j MARK --set-mark 1", out ImmutableArray<MarkRule> rules, out string? error), error);
        Bench.Core.SetMarks(MarkTable.Compile(rules, ["c0", "r0"]));
    }

    [Theory]
    [InlineData("fwmark persistence")]
    public void Persistent_with_datagrams_that_nobody_answers(string group) => Replay(group, new()
    {
        [249] = () => AskInVain(Names("10.1.128.1", 22104), server: 4),
        [250] = () => AskInVain(Names("10.1.128.3", 22105), server: 2),
    });

    [Theory]
    [InlineData("fwmark persistence (clean re-run)")]
    public void Persistent(string group) => Replay(group, new()
    {
        [59] = () => Ask(Names("10.1.128.1", 21304), server: 4),
        [60] = () => Ask(Names("10.1.128.3", 21305), server: 2),
    });

    [Theory]
    [InlineData("fwmark non persistent")]
    public void Not_persistent_with_a_datagram_that_nobody_answers(string group) => Replay(group, new()
    {
        [276] = () => AskInVain(Names("10.1.128.3", 22205), server: 2),
    });

    [Theory]
    [InlineData("fwmark non persistent (clean re-run)")]
    public void Not_persistent(string group) => Replay(group, new()
    {
        [86] = () => Ask(Names("10.1.128.3", 21405), server: 2),
    });

    private static Peer Names(string client, ushort port) => new(client, port, "10.9.0.9", 53);

    private void AskInVain(Peer peer, int server)
    {
        Send(peer, null, 1);
        Assert.Equal(server, ServerOf(peer));
        Wait(2200);
    }
}
