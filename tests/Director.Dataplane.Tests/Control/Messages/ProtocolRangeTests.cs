using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;

namespace Director.Dataplane.Tests.Control.Messages;

public sealed class ProtocolRangeTests
{
    [Theory]
    [InlineData(1, 1, 1, 1, 1)]
    [InlineData(1, 2, 2, 3, 2)]
    [InlineData(2, 3, 1, 2, 2)]
    [InlineData(1, 5, 2, 4, 4)]
    [InlineData(1, 1, 2, 3, 0)]
    [InlineData(3, 4, 1, 2, 0)]
    public void The_highest_common_version_is_spoken(ushort minimum, ushort maximum, ushort otherMinimum, ushort otherMaximum, ushort common) =>
        Assert.Equal(common, new ProtocolRange(minimum, maximum).Common(new ProtocolRange(otherMinimum, otherMaximum)));

    [Fact]
    public void An_engine_too_old_is_to_be_replaced() => Assert.Equal(
        "director-engine 0.1.0 (pid 10) speaks protocol 1, directord 0.3.0 (pid 20) speaks 2-3: "
        + "the engine is too old; end it (kill 10) and start the director-engine 0.3.0 that came with directord",
        ProtocolRange.Mismatch(Directord("0.3.0", new(2, 3)), Engine("0.1.0", new(1, 1))));

    [Fact]
    public void An_engine_too_new_needs_its_own_directord() => Assert.Equal(
        "director-engine 0.3.0 (pid 10) speaks protocol 2-3, directord 0.1.0 (pid 20) speaks 1: "
        + "directord is too old for this engine; start directord 0.3.0, or end the engine (kill 10) so that directord starts its own",
        ProtocolRange.Mismatch(Directord("0.1.0", new(1, 1)), Engine("0.3.0", new(2, 3))));

    [Fact]
    public void What_a_later_version_appends_to_the_hello_is_ignored()
    {
        Hello hello = Directord("9.0.0", new(1, 9));
        using FrameWriter writer = new();
        hello.Write(writer);
        FrameReader reader = new([.. writer.Written[FrameHeader.Size..], 1, 2, 3], 0);
        Assert.Equal(hello, Hello.Read(ref reader));
        Assert.Null(reader.Fault);
    }

    private static Hello Directord(string version, ProtocolRange range) => new(PeerRole.Director, range, new EngineIdentity("a", version, 20, 1));

    private static Hello Engine(string version, ProtocolRange range) => new(PeerRole.Engine, range, new EngineIdentity("a", version, 10, 1));
}
