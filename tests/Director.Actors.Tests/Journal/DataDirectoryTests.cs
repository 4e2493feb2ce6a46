using Director.Actors.Journal;

namespace Director.Actors.Tests.Journal;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_second_director_on_the_same_directory_is_told_who_has_it()
    {
        using DataDirectory held = DataDirectory.Hold(_folder.Path);
        JournalException refused = Assert.Throws<JournalException>(() => DataDirectory.Hold(_folder.Path));
        Assert.StartsWith($"data directory {_folder.Path} is in use by another directord (process {Environment.ProcessId})", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_free_again_after_the_first_has_gone()
    {
        string path = Path.Combine(_folder.Path, "deeper", "data");
        DataDirectory.Hold(path).Dispose();
        using DataDirectory again = DataDirectory.Hold(path);
        Assert.Equal(Path.Combine(path, "director.db"), again.JournalPath);
    }

    [Theory]
    [InlineData(false, false, false)] // a first start
    [InlineData(true, true, false)]
    [InlineData(true, false, true)]
    public void Epochs_are_missed_where_a_director_has_been(bool journal, bool epochs, bool lacks)
    {
        using DataDirectory held = DataDirectory.Hold(_folder.Path);
        if (journal)
            File.WriteAllText(held.JournalPath, "");
        if (epochs)
            File.WriteAllText(held.EpochPath, "");
        Assert.Equal(lacks, held.LacksEpochs);
    }

    [Fact]
    public void What_is_no_directory_is_refused()
    {
        string path = Path.Combine(_folder.Path, "file");
        File.WriteAllText(path, "");
        Assert.StartsWith($"data directory {path}: ", Assert.Throws<JournalException>(() => DataDirectory.Hold(path)).Message, StringComparison.Ordinal);
    }
}
