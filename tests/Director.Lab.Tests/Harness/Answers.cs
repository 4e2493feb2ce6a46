namespace Director.Lab.Tests.Harness;

/// <summary>Reads answers of which each line names the server that gave it.</summary>
internal static class Answers
{
    /// <summary>How many each server gave, by name: <c>rs1 10, rs2 20</c>.</summary>
    public static string Spread(this Output output) =>
        string.Join(", ", output.Lines.CountBy(name => name).OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => $"{count.Key} {count.Value}"));
}
