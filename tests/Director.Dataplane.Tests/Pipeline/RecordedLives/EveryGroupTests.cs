using System.Reflection;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Nothing of the recording is left out.</summary>
public sealed class EveryGroupTests
{
    [Fact]
    public void Every_group_is_replayed()
    {
        IEnumerable<string> replayed = typeof(RecordedLife).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(RecordedLife)))
            .SelectMany(type => type.GetMethods())
            .SelectMany(method => method.GetCustomAttributes<InlineDataAttribute>())
            .Select(data => (string)data.Data[0]!);
        Assert.Equal(LifeRecording.Groups.Select(group => group.Key).Order(), replayed.Order());
    }
}
