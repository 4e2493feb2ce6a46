using System.Globalization;
using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>
/// Each protocol's messages as they were when they were first spoken: these bytes must be understood as long as that version is. A
/// missing sample (a new message) is printed by the test that misses it.
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
        Assert.Equal(sample.Meaning, Frames.Read(frozen.AsSpan(FrameHeader.Size), sample.Read, out string? fault, VersionOf(sample)));
        Assert.Null(fault);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_still_written_the_same(string name)
    {
        Sample sample = Samples.All.Single(each => each.Name == name);
        Assert.Equal(Convert.ToHexString(Frozen(sample)), Convert.ToHexString(Frames.Frame(sample.Type, Samples.Correlation, sample.Write)));
    }

    [Fact]
    public void Every_frozen_file_belongs_to_a_sample() => Assert.Equal(
        Samples.All.Select(sample => $"{sample.Name}.hex").Order(StringComparer.Ordinal),
        Folders.SelectMany(Directory.GetFiles).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

    // A sample is in the folder of the version that brought its message.
    private static string[] Folders => Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "Control", "samples"), "protocol-*");

    private static byte[] Frozen(Sample sample)
    {
        string? path = PathOf(sample);
        Assert.True(
            path is not null,
            $"{sample.Name}.hex is missing; as written today:\n{Lines(Frames.Frame(sample.Type, Samples.Correlation, sample.Write))}");
        return Convert.FromHexString(string.Concat(File.ReadLines(path)));
    }

    private static string? PathOf(Sample sample) => Folders.Select(folder => Path.Combine(folder, $"{sample.Name}.hex")).FirstOrDefault(File.Exists);

    private static ushort VersionOf(Sample sample) => ushort.Parse(Path.GetDirectoryName(PathOf(sample))!.Split('-')[^1], CultureInfo.InvariantCulture);

    private static string Lines(byte[] bytes) => string.Join('\n', bytes.Chunk(32).Select(Convert.ToHexString));
}
