using System.Globalization;

namespace Director.Actors.Journal;

/// <summary>
/// The director's data directory, held by one directord at a time: an advisory lock on a file in it (flock), which ends with the
/// process however that ends.
/// </summary>
public sealed class DataDirectory : IDisposable
{
    private readonly FileStream _lock;

    private DataDirectory(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    public string JournalPath => System.IO.Path.Combine(Path, "director.db");

    /// <summary>Where the engine keeps which epochs it may claim.</summary>
    public string EpochPath => EpochFileIn(Path);

    /// <summary>
    /// Of a director that ran before; to be asked before the journal is opened, which makes one. The epochs of before are lost then: if
    /// it starts alone, it begins with those that others have used.
    /// </summary>
    public bool LacksEpochs => File.Exists(JournalPath) && !File.Exists(EpochPath);

    public static string EpochFileIn(string path) => System.IO.Path.GetFullPath(System.IO.Path.Combine(path, "epoch"));

    /// <exception cref="JournalException">Another directord has it, or it cannot be made.</exception>
    public static DataDirectory Hold(string path)
    {
        string file = System.IO.Path.Combine(path, "lock");
        try
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
            // FileShare.None is flock(LOCK_EX | LOCK_NB): a file left by a dead process is free again.
            FileStream held = new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            // In a file of its own: the locked one cannot be read by the one who finds it locked.
            File.WriteAllText(PidFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new DataDirectory(path, held);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new JournalException($"data directory {path}: {e.Message}", e);
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new JournalException($"data directory {path} is in use by another directord{Holder(path)}: stop that one, or give this one its own data-directory", e);
        }
        catch (IOException e)
        {
            throw new JournalException($"data directory {path}: {e.Message}", e);
        }
    }

    public void Dispose() => _lock.Dispose();

    private static string PidFile(string path) => System.IO.Path.Combine(path, "directord.pid");

    private static string Holder(string path)
    {
        try
        {
            return $" (process {File.ReadAllText(PidFile(path))})";
        }
        catch (IOException)
        {
            return "";
        }
    }
}
