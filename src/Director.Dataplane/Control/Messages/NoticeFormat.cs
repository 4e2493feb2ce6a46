namespace Director.Dataplane.Control.Messages;

/// <summary>What is said rather than asked: welcome, errors, what happened in the engine, and which memory it has.</summary>
public static class NoticeFormat
{
    private const byte LogLine = 1;
    private const byte Frame = 2;
    private const byte Ownership = 3;

    // A stack trace has no business to be longer, and a text must fit its 16-bit length.
    private const int LongestText = 8000;

    public static void WriteError(FrameWriter writer, EngineFault fault, string text)
    {
        writer.UInt16((ushort)fault);
        writer.Text(Shortened(text));
    }

    public static EngineException ReadError(ref FrameReader reader)
    {
        EngineFault fault = (EngineFault)reader.UInt16();
        return new EngineException(reader.Text()) { Fault = Enum.IsDefined(fault) ? fault : EngineFault.Failed };
    }

    /// <summary>Whether a directord that speaks this version would understand.</summary>
    public static bool IsKnown(EngineEvent occurred, ushort version) => version >= 2 || occurred is EngineLogLine;

    /// <summary>A kind, and what belongs to it.</summary>
    public static void WriteEvent(FrameWriter writer, EngineEvent occurred)
    {
        switch (occurred)
        {
            case EngineLogLine line:
                writer.Byte(LogLine);
                writer.Byte((byte)line.Level);
                writer.Text(Shortened(line.Text));
                break;
            case ElectionFrameSent sent:
                writer.Byte(Frame);
                writer.Bytes(sent.Frame.Span);
                break;
            case OwnershipChanged changed:
                writer.Byte(Ownership);
                ElectionFormat.WriteStatus(writer, changed.Status);
                break;
            default:
                throw new InvalidOperationException($"no format for {occurred.GetType().Name}");
        }
    }

    public static EngineEvent ReadEvent(ref FrameReader reader)
    {
        byte kind = reader.Byte();
        switch (kind)
        {
            case LogLine:
                EngineLogLevel level = (EngineLogLevel)reader.Byte();
                if (!Enum.IsDefined(level))
                    reader.Break($"{(byte)level} is no log level");
                return new EngineLogLine(level, reader.Text());
            case Frame:
                return new ElectionFrameSent(reader.Bytes());
            case Ownership:
                return new OwnershipChanged(ElectionFormat.ReadStatus(ref reader));
            default:
                reader.Break($"event of unknown kind {kind}");
                return new EngineLogLine(EngineLogLevel.Debug, "");
        }
    }

    /// <summary>As many descriptors as <paramref name="descriptors"/> travel with the frame.</summary>
    public static void WriteAttached(FrameWriter writer, ushort version, ulong revision, int descriptors)
    {
        writer.UInt16(version);
        writer.UInt64(revision);
        WriteMemory(writer, descriptors);
    }

    public static (ushort Version, ulong Revision, ushort Descriptors) ReadAttached(ref FrameReader reader) =>
        (reader.UInt16(), reader.UInt64(), ReadMemory(ref reader));

    /// <summary>Of Memory and Adopt: how many descriptors travel with the frame.</summary>
    public static void WriteMemory(FrameWriter writer, int descriptors) => writer.UInt16((ushort)descriptors);

    public static ushort ReadMemory(ref FrameReader reader) => reader.UInt16();

    private static string Shortened(string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";
}
