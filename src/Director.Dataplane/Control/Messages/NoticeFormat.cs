namespace Director.Dataplane.Control.Messages;

/// <summary>What is said rather than asked: errors, and what happened in the engine.</summary>
public static class NoticeFormat
{
    private const byte LogLine = 1;

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

    /// <summary>A kind, and what belongs to it. Kind 1 is a log line: level and text.</summary>
    public static void WriteEvent(FrameWriter writer, EngineEvent occurred)
    {
        writer.Byte(LogLine);
        writer.Byte((byte)occurred.Level);
        writer.Text(Shortened(occurred.Text));
    }

    public static EngineEvent ReadEvent(ref FrameReader reader)
    {
        byte kind = reader.Byte();
        if (kind != LogLine)
            reader.Break($"event of unknown kind {kind}");
        EngineLogLevel level = (EngineLogLevel)reader.Byte();
        if (!Enum.IsDefined(level))
            reader.Break($"{(byte)level} is no log level");
        return new EngineEvent(level, reader.Text());
    }

    private static string Shortened(string text) => text.Length <= LongestText ? text : text[..LongestText] + "...";
}
