using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace Director.Cli.Tests.Golden;

/// <summary>One command line run with the real ipvsadm 1.31 on Linux 6.1, and what it answered.</summary>
internal sealed record RecordedCommand(int Number, string Group, string Command, string? Input, int ExitCode, string Output, string Errors)
{
    private static readonly Lazy<RecordedCommand[]> CliRecordings = new(() => [.. Read("ipvsadm-cli").EnumerateObject().SelectMany(group => Commands(group.Value))]);
    private static readonly Lazy<RecordedCommand[]> LifeRecordings = new(() => [.. Commands(Read("connection-life"))]);

    /// <summary>Groups of command lines, each from an empty table.</summary>
    public static IReadOnlyList<RecordedCommand> Cli => CliRecordings.Value;

    /// <summary>Listings while real connections came and went.</summary>
    public static IReadOnlyList<RecordedCommand> ConnectionLife => LifeRecordings.Value;

    /// <summary>The arguments of an ipvsadm command line; null for one of something else.</summary>
    public IReadOnlyList<string>? Arguments => Split(Command) is ["ipvsadm", .. string[] arguments] ? arguments : null;

    private static JsonElement Read(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", $"{name}.json.gz"));
        using GZipStream unzipped = new(file, CompressionMode.Decompress);
        using JsonDocument document = JsonDocument.Parse(unzipped);
        return document.RootElement.Clone();
    }

    private static IEnumerable<RecordedCommand> Commands(JsonElement list) =>
        from entry in list.EnumerateArray()
        where entry.TryGetProperty("cmd", out _)
        select new RecordedCommand(
            entry.GetProperty("n").GetInt32(),
            entry.GetProperty("group").GetString()!,
            entry.GetProperty("cmd").GetString()!,
            entry.TryGetProperty("stdin", out JsonElement input) ? input.GetString() : null,
            entry.GetProperty("rc").GetInt32(),
            entry.GetProperty("stdout").GetString()!,
            entry.GetProperty("stderr").GetString()!);

    /// <summary>As the shell splits the recorded lines: they quote with double quotes only.</summary>
    private static string[] Split(string line)
    {
        List<string> words = [];
        StringBuilder word = new();
        bool inWord = false, quoted = false;
        foreach (char c in line)
        {
            if (c == '"')
            {
                quoted = !quoted;
                inWord = true;
            }
            else if (c == ' ' && !quoted)
            {
                if (inWord)
                    words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
            else
            {
                word.Append(c);
                inWord = true;
            }
        }
        if (inWord)
            words.Add(word.ToString());
        return [.. words];
    }
}
