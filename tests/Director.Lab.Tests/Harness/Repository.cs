namespace Director.Lab.Tests.Harness;

/// <summary>Where things are on the machine that runs the lab.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>What <c>./build</c> leaves.</summary>
    public static readonly string Programs = Path.Combine(Root, "artifacts/dist");

    /// <summary>Logs and captures of the tests, kept after the run.</summary>
    public static readonly string Logs = Path.Combine(Root, "artifacts/lab");

    public static readonly string Traffic = Path.Combine(AppContext.BaseDirectory, "lab-traffic");

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "HaDirector.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no HaDirector.sln above {AppContext.BaseDirectory}");
    }
}
