using Director.Dataplane.Linux.Netlink;

namespace Director.Dataplane.Tests.Linux.Netlink;

/// <summary>A message of the kernel, named by the command that led to it.</summary>
internal sealed record RecordedMessage(string Name, byte[] Bytes)
{
    public static readonly RecordedMessage[] All = [.. Load()];

    public static RecordedMessage Of(string name) => All.Single(each => each.Name == name);

    /// <summary>Without the message's header.</summary>
    public byte[] Body(ushort type)
    {
        var reader = new NetlinkReader(Bytes);
        Assert.True(reader.Next());
        Assert.Equal(type, reader.Type);
        byte[] body = reader.Body.ToArray();
        Assert.False(reader.Next());
        return body;
    }

    // Names begin a line, their bytes follow on lines that are set in.
    private static IEnumerable<RecordedMessage> Load()
    {
        string text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Linux", "Netlink", "recorded-messages.txt"));
        foreach (string[] lines in text.Replace("\n  ", "\t", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split('\t')))
        {
            yield return new RecordedMessage(lines[0], Convert.FromHexString(string.Concat(lines[1..])));
        }
    }
}
