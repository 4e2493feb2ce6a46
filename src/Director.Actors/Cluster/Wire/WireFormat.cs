using Director.Dataplane.Control.Messages;

namespace Director.Actors.Cluster.Wire;

/// <summary>
/// How one type of message is written. The manifest is its name on the wire, with its version behind the last hyphen
/// (<c>hello-1</c>). A format that was ever released stays as it is: what changes gets a type and a manifest of its own, and the
/// sender picks by <see cref="PeerInfo.Protocol"/> which of them the peer understands.
/// </summary>
public abstract class WireFormat(string manifest, Type type)
{
    /// <summary>Some tens of characters at most: it travels with every message.</summary>
    public string Manifest { get; } = manifest;

    public Type Type { get; } = type;

    public abstract byte[] ToBytes(IWireMessage message);

    /// <summary>An <see cref="UnreadableMessage"/> where the bytes make no sense; never an exception.</summary>
    public abstract object FromBytes(byte[] bytes);
}

/// <summary>
/// The format of <typeparamref name="T"/>, field by field, numbers little-endian. A message that is nothing but a block of bytes
/// overrides <see cref="Encode"/> and <see cref="Decode"/> instead and saves a copy.
/// </summary>
public abstract class WireFormat<T>(string manifest) : WireFormat(manifest, typeof(T))
    where T : class, IWireMessage
{
    protected abstract void Write(FrameWriter writer, T message);

    /// <summary>
    /// May use what it reads only to make the message: whether it made sense, and was all, is looked at afterwards. What is beyond
    /// a field's range is told by <see cref="FrameReader.Break"/>.
    /// </summary>
    protected abstract T Read(ref FrameReader reader);

    protected virtual byte[] Encode(T message)
    {
        using FrameWriter writer = new();
        Write(writer, message);
        return writer.Written.ToArray();
    }

    /// <param name="bytes">Of this message alone; they may be kept.</param>
    /// <param name="fault">Null: the message is sound.</param>
    protected virtual T? Decode(byte[] bytes, out string? fault)
    {
        FrameReader reader = new(bytes, version: 0);
        T message = Read(ref reader);
        fault = reader.Finished() ? null : reader.Fault;
        return message;
    }

    public sealed override byte[] ToBytes(IWireMessage message) => Encode((T)message);

    public sealed override object FromBytes(byte[] bytes) => Decode(bytes, out string? fault) is { } message && fault is null
        ? message
        : new UnreadableMessage(Manifest, fault ?? "it makes no sense");
}
