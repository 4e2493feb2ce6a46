namespace Director.Dataplane.Control.Messages;

/// <summary>Who says hello, and so what it wants.</summary>
public enum PeerRole : ushort
{
    None = 0,
    /// <summary>A directord that wants to control the engine.</summary>
    Director = 1,
    Engine = 2,
    /// <summary>Wants only to know who is there: another engine that found the socket path taken.</summary>
    Observer = 3,
}

/// <summary>
/// The first frame in both directions. Its beginning stays as it is in every protocol version, and what a later version
/// appends is ignored by an earlier one: two sides can always tell each other why they cannot talk.
/// </summary>
public sealed record Hello(PeerRole Role, ProtocolRange Versions, EngineIdentity Sender)
{
    /// <summary>"HADIRECT" as a little-endian number.</summary>
    public const ulong Magic = 0x5443455249444148;

    public void Write(FrameWriter writer)
    {
        writer.Begin(MessageType.Hello, 0);
        writer.UInt64(Magic);
        writer.UInt16((ushort)Role);
        writer.UInt16(Versions.Minimum);
        writer.UInt16(Versions.Maximum);
        writer.UInt32((uint)Sender.ProcessId);
        writer.UInt64(Sender.NetworkNamespace);
        writer.Text(Sender.Version);
        writer.Text(Sender.Name);
        writer.End();
    }

    /// <summary>Not <see cref="FrameReader.Finished"/>: later versions may append.</summary>
    public static Hello Read(ref FrameReader reader)
    {
        if (reader.UInt64() != Magic)
            reader.Break("not a hello of director-engine or directord");
        PeerRole role = (PeerRole)reader.UInt16();
        ProtocolRange versions = new(reader.UInt16(), reader.UInt16());
        int processId = reader.Int31();
        ulong networkNamespace = reader.UInt64();
        string version = reader.Text();
        string name = reader.Text();
        if (versions.Minimum == 0 || versions.Minimum > versions.Maximum)
            reader.Break($"protocol range {versions} makes no sense");
        return new Hello(role, versions, new EngineIdentity(name, version, processId, networkNamespace));
    }
}
