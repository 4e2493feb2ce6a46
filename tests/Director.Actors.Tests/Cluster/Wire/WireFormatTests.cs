using Director.Actors.Cluster;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Tests.Cluster.Wire;

/// <summary>What directors say to each other, as bytes. A missing sample is printed by the test that misses it.</summary>
public sealed class WireFormatTests
{
    // What later versions append to these is ignored on purpose.
    private static readonly Type[] Extensible = [typeof(ContactHello)];

    public static TheoryData<string> Names => WireSamples.Names;

    [Theory]
    [MemberData(nameof(Names))]
    public void Still_means_the_same(string name) =>
        Assert.Equivalent(WireSamples.Of(name), Format(name).FromBytes(Frozen(name)), strict: true);

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_still_written_the_same(string name) =>
        Assert.Equal(Convert.ToHexString(Frozen(name)), Convert.ToHexString(Format(name).ToBytes(WireSamples.Of(name))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Is_unreadable_at_every_truncation(string name)
    {
        byte[] bytes = Format(name).ToBytes(WireSamples.Of(name));
        for (int length = 0; length < bytes.Length; length++)
        {
            UnreadableMessage unreadable = Assert.IsType<UnreadableMessage>(Format(name).FromBytes(bytes[..length]));
            Assert.Equal(Format(name).Manifest, unreadable.Manifest);
            Assert.NotNull(unreadable.Fault);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Has_nothing_behind_its_end(string name)
    {
        object read = Format(name).FromBytes([.. Format(name).ToBytes(WireSamples.Of(name)), 0]);
        Assert.IsType(Extensible.Contains(Format(name).Type) ? Format(name).Type : typeof(UnreadableMessage), read);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Flipped_bytes_never_throw(string name)
    {
        byte[] bytes = Format(name).ToBytes(WireSamples.Of(name));
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= 0xff;
            Assert.NotNull(Format(name).FromBytes(flipped));
        }
    }

    [Fact]
    public void Every_format_has_a_sample() =>
        Assert.Empty(WireFormats.All.Select(format => format.Type).Except(WireSamples.All.Select(sample => sample.Message.GetType())));

    [Fact]
    public void Every_frozen_file_belongs_to_a_sample() => Assert.Equal(
        WireSamples.All.Select(sample => $"{sample.Name}.hex").Order(StringComparer.Ordinal),
        Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_message_between_directors_has_a_format() => Assert.Empty(
        typeof(IWireMessage).Assembly.GetTypes().Where(type => type is { IsAbstract: false } && type.IsAssignableTo(typeof(IWireMessage)))
            .Except(WireFormats.All.Select(format => format.Type)).Select(type => type.Name));

    private static WireFormat Format(string name)
    {
        Type type = WireSamples.Of(name).GetType();
        return WireFormats.All.Single(format => format.Type == type);
    }

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Cluster", "Wire", "samples");

    private static byte[] Frozen(string name)
    {
        string path = Path.Combine(Folder, $"{name}.hex");
        Assert.True(File.Exists(path), $"{name}.hex is missing; as written today:\n{Lines(Format(name).ToBytes(WireSamples.Of(name)))}");
        return Convert.FromHexString(string.Concat(File.ReadLines(path)));
    }

    private static string Lines(byte[] bytes) => string.Join('\n', bytes.Chunk(32).Select(Convert.ToHexString));
}
