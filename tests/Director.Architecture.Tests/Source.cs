namespace Director.Architecture.Tests;

/// <summary>The source files of the product, as text.</summary>
internal static class Source
{
    public static readonly string Root = FindRoot();

    /// <summary>C# files under <paramref name="folder"/> of the repository, without what the build generates.</summary>
    public static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal)];

    public static string Name(string file) => Path.GetRelativePath(Root, file);

    /// <summary>Lines of code with their place, <c>path:line: text</c>; comments are left out.</summary>
    public static IEnumerable<(string Place, string Code)> Lines(string file) =>
        File.ReadLines(file)
            .Select((line, index) => (Place: $"{Name(file)}:{index + 1}: {line.Trim()}", Code: WithoutComment(line)))
            .Where(line => line.Code.Length > 0);

    private static string WithoutComment(string line)
    {
        int comment = line.IndexOf("//", StringComparison.Ordinal);
        // A URL in a string is no comment.
        return (comment > 0 && line[comment - 1] == ':' || comment < 0 ? line : line[..comment]).Trim();
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HaDirector.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no HaDirector.sln above {AppContext.BaseDirectory}");
    }
}
