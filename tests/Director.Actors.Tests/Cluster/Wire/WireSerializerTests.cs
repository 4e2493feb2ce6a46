using System.Runtime.Serialization;
using Akka.Actor;
using Director.Actors.Cluster.Wire;

namespace Director.Actors.Tests.Cluster.Wire;

public sealed class WireSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("wire", Quiet.Hocon.WithFallback(WireSerializer.Hocon));

    public void Dispose() => _system.Dispose();

    [Theory]
    [MemberData(nameof(WireFormatTests.Names), MemberType = typeof(WireFormatTests))]
    public void Akka_hands_every_message_to_it(string name)
    {
        Akka.Serialization.Serializer serializer = _system.Serialization.FindSerializerFor(WireSamples.Of(name));
        WireSerializer ours = Assert.IsType<WireSerializer>(serializer);
        Assert.Equal(7412, ours.Identifier);
        object back = _system.Serialization.Deserialize(ours.ToBinary(WireSamples.Of(name)), ours.Identifier, ours.Manifest(WireSamples.Of(name)));
        Assert.Equivalent(WireSamples.Of(name), back, strict: true);
    }

    [Fact]
    public void A_manifest_of_a_newer_version_is_no_exception()
    {
        object read = _system.Serialization.Deserialize([1, 2, 3], WireSerializer.SerializerId, "beat-9");
        UnreadableMessage unreadable = Assert.IsType<UnreadableMessage>(read);
        string text = unreadable.Describe("akka.tcp://director@10.3.0.2:4053");
        Assert.Contains("akka.tcp://director@10.3.0.2:4053", text, StringComparison.Ordinal);
        Assert.Contains("'beat-9'", text, StringComparison.Ordinal);
        Assert.Contains("newer version", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_message_says_what_is_wrong()
    {
        UnreadableMessage unreadable = Assert.IsType<UnreadableMessage>(_system.Serialization.Deserialize([9], WireSerializer.SerializerId, "beat-1"));
        Assert.Contains("damaged: 2 bytes wanted, 1 left", unreadable.Describe("b"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_no_format_is_refused_at_the_sender() =>
        Assert.Throws<SerializationException>(() => new WireSerializer((ExtendedActorSystem)_system).Manifest(new Stray()));

    private sealed record Stray : IWireMessage;
}
