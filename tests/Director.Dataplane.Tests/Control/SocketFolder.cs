namespace Director.Dataplane.Tests.Control;

/// <summary>A folder of its own for a test's socket, removed afterwards.</summary>
public abstract class SocketFolder : IDisposable
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("director-control-");

    protected string Folder => _folder.FullName;

    protected string SocketPath => Path.Combine(Folder, "engine.sock");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _folder.Delete(recursive: true);
    }
}
