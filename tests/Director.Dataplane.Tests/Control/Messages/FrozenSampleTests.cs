using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>
/// Each message as it was in the version that brought it: these bytes must be understood as long as that version is. A missing sample
/// (a new message) is printed by the test that misses it.
/// </summary>
public sealed class FrozenSampleTests
{
    public static TheoryData<string> Names => [.. Samples.All.Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Still_means_the_same(string name)
    {
        Sample sample = Samples.All.Single(each => each.Name == name);
        byte[] frozen = Frozen(sample);
        FrameHeader header = FrameHeader.Read(frozen);
        Assert.Equal(sample.Type, header.Type);
        Assert.Equal((uint)(frozen.Length - FrameHeader.Size), header.Length);
        Assert.Equal(Samples.Correlation, header.Correlation);
        Assert.Equal(sample.Meaning, Frames.Read(frozen.AsSpan(FrameHeader.Size), sample.Read, out string? fault, sample.Version));
        Assert.Null(fault);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_still_written_the_same(string name)
    {
        Sample sample = Samples.All.Single(each => each.Name == name);
        Assert.Equal(Convert.ToHexString(Frozen(sample)), Convert.ToHexString(Frames.Frame(sample.Type, Samples.Correlation, sample.Write, sample.Version)));
    }

    [Fact]
    public void Every_frozen_file_belongs_to_a_sample() => Assert.Equal(
        Samples.All.Select(sample => $"protocol-{sample.Since}/{sample.Name}.hex").Order(StringComparer.Ordinal),
        Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal));

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Control", "samples");

    private static byte[] Frozen(Sample sample)
    {
        string path = Path.Combine(Folder, $"protocol-{sample.Since}", $"{sample.Name}.hex");
        Assert.True(
            File.Exists(path),
            $"{sample.Name}.hex is missing; as written today:\n{Lines(Frames.Frame(sample.Type, Samples.Correlation, sample.Write, sample.Version))}");
        return Convert.FromHexString(string.Concat(File.ReadLines(path)));
    }

    private static string Lines(byte[] bytes) => string.Join('\n', bytes.Chunk(32).Select(Convert.ToHexString));
}
