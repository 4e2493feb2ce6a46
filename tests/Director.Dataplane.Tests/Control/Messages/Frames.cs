using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Director.Dataplane.Control.Messages;
using Director.Model;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>Encodes, decodes and compares single frames.</summary>
internal static class Frames
{
    // The model's records hold arrays, which compare by reference: as text they compare by value, field by field.
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Converters = { new IPAddressJsonConverter(), new ServiceKeyJsonConverter(), new MarkRuleJsonConverter(), new JsonStringEnumConverter() },
    };

    public static string Show<T>(T value) => JsonSerializer.Serialize(value, Readable);

    public static byte[] Body(Action<FrameWriter> write)
    {
        byte[] frame = Frame(MessageType.Apply, 7, write);
        return frame[FrameHeader.Size..];
    }

    public static byte[] Frame(MessageType type, ulong correlation, Action<FrameWriter> write, ushort version = 0)
    {
        using FrameWriter writer = new() { Version = version == 0 ? ProtocolRange.Supported.Maximum : version };
        writer.Begin(type, correlation);
        write(writer);
        writer.End();
        return writer.Written.ToArray();
    }

    /// <summary>Null with the fault if the body is broken.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> body, FrameReader.Element<T> read, out string? fault, ushort version = 0)
        where T : class
    {
        FrameReader reader = new(body, version == 0 ? ProtocolRange.Supported.Maximum : version);
        T value = read(ref reader);
        bool finished = reader.Finished();
        fault = reader.Fault;
        return finished ? value : null;
    }

    public static IPAddress Ip(string text) => IPAddress.Parse(text);
}
