namespace Director.Actors.Tests;

/// <summary>A folder that is gone after the test.</summary>
public sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("director-test-").FullName;

    public string Journal => System.IO.Path.Combine(Path, "director.db");

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
