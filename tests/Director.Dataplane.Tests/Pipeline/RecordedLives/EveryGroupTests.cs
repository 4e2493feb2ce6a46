using System.Reflection;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Nothing of the recording is left out unsaid.</summary>
public sealed class EveryGroupTests
{
    private static readonly Dictionary<string, string> NotReplayed = new()
    {
        ["life of a TUN (ipip) TCP connection"] = "tunnels",
        ["fwmark persistence"] = "marks",
        ["fwmark persistence (clean re-run)"] = "marks",
        ["fwmark non persistent"] = "marks",
        ["fwmark non persistent (clean re-run)"] = "marks",
    };

    [Fact]
    public void Every_group_is_replayed_or_there_is_a_reason()
    {
        IEnumerable<string> replayed = typeof(RecordedLife).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(RecordedLife)))
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>())
            .Select(data => (string)data.Data[0]!);
        Assert.Equal(LifeRecording.Groups.Select(group => group.Key).Order(), replayed.Concat(NotReplayed.Keys).Order());
    }
}
