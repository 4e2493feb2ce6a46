using System.IO.Compression;
using System.Text.Json;

namespace Director.Dataplane.Tests.Pipeline.RecordedLives;

/// <summary>Something that was done, or asked, while the kernel's IPVS was recorded. Numbers count within the file, and again from 1 in what was run anew.</summary>
/// <param name="Number">As in the file.</param>
/// <param name="Command">A command line, or null.</param>
/// <param name="Action">Else what was done, in words.</param>
/// <param name="Output">Of the command.</param>
internal sealed record LifeEntry(int Number, string? Command, string? Action, string Output);

/// <summary>connection-life.json: groups of entries, each from an empty table.</summary>
internal static class LifeRecording
{
    public static ILookup<string, LifeEntry> Groups { get; } = Load();

    private static ILookup<string, LifeEntry> Load()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", "connection-life.json.gz"));
        using GZipStream json = new(file, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateArray().ToLookup(
            each => each.GetProperty("group").GetString()!,
            each => new LifeEntry(each.GetProperty("n").GetInt32(), Text(each, "cmd"), Text(each, "action"), Text(each, "stdout") ?? ""));
    }

    private static string? Text(JsonElement each, string name) => each.TryGetProperty(name, out JsonElement value) ? value.GetString() : null;
}
