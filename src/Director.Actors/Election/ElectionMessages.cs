using Akka.Actor;
using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Election;

/// <summary>A frame of a director's engine for those of the others: the way over the cluster link.</summary>
public sealed record ElectionWord(ReadOnlyMemory<byte> Frame) : IWireMessage;

/// <summary>The sender's engine is dead, or he has no way to it.</summary>
public sealed record EngineGone(string Director) : IWireMessage;

/// <summary>To the <see cref="ElectionActor"/>: tell <paramref name="Subscriber"/> who owns, now and at each change, by <see cref="OwnerIs"/>.</summary>
public sealed record SubscribeOwner(IActorRef Subscriber);

/// <summary>Who owns.</summary>
/// <param name="Name">Null: nobody that is known.</param>
/// <param name="Epoch">Highest known.</param>
/// <param name="Self">It is this director.</param>
public sealed record OwnerIs(string? Name, ulong Epoch, bool Self);

/// <summary>To the <see cref="ElectionActor"/>: give the ownership away. Answered with <see cref="FailedOver"/>.</summary>
/// <param name="To">Null: to whoever is best.</param>
public sealed record FailOver(string? To);

/// <param name="Error">Null: another director owns now.</param>
/// <param name="Owner">Who, once it is known.</param>
public sealed record FailedOver(string? Error, string? Owner);

internal sealed class ElectionWordFormat() : WireFormat<ElectionWord>("election-1")
{
    protected override void Write(FrameWriter writer, ElectionWord message) => writer.Bytes(message.Frame.Span);

    protected override ElectionWord Read(ref FrameReader reader) => new(reader.Bytes());
}

internal sealed class EngineGoneFormat() : WireFormat<EngineGone>("engine-gone-1")
{
    protected override void Write(FrameWriter writer, EngineGone message) => writer.Text(message.Director);

    protected override EngineGone Read(ref FrameReader reader) => new(reader.Text());
}
