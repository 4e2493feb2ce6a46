using System.Security.Cryptography;
using System.Text;
using Director.Lab.Tests.Harness;

[assembly: AssemblyFixture(typeof(LabRun))]

namespace Director.Lab.Tests.Harness;

/// <summary>
/// Once for all labs of one run: this checkout's labs are ours alone (a lock), and what a run that was killed left behind is
/// removed. The prefix of the namespaces' names comes from the checkout's path, so that two checkouts do not meet.
/// </summary>
public sealed class LabRun : IAsyncLifetime
{
    public static readonly string Prefix = "lab" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Repository.Root)))[..6];

    private FileStream? _lock;

    public async ValueTask InitializeAsync()
    {
        if (!Environment.IsPrivilegedProcess)
            throw new InvalidOperationException("the lab makes network namespaces: run it as root");
        Directory.CreateDirectory(Repository.Logs);
        try
        {
            _lock = new FileStream(Path.Combine(Repository.Logs, ".lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new InvalidOperationException($"another run of the lab tests is under way in {Repository.Root}");
        }
        await Namespaces.RemoveAsync(Prefix + "-");
    }

    public ValueTask DisposeAsync()
    {
        _lock?.Dispose();
        return ValueTask.CompletedTask;
    }
}
