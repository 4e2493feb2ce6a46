using Director.Actors.Journal;
using Director.Actors.Tests.Forwarding;
using Director.Model;
using Microsoft.Data.Sqlite;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Journal;

public sealed class JournalFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("not a database", "it is not a database")]
    [InlineData("x", "it is not a database")]
    public void What_is_no_database_is_refused_and_left_alone(string content, string why)
    {
        File.WriteAllText(_folder.Journal, content);
        AssertRefused(why);
    }

    [Fact]
    public void Another_programs_database_is_refused()
    {
        Sql("CREATE TABLE theirs (x)");
        AssertRefused("it is another program's database");
    }

    [Fact]
    public void A_later_format_is_refused()
    {
        JournalFile.Prepare(_folder.Journal);
        Sql($"PRAGMA user_version = {JournalFile.FormatVersion + 1}");
        AssertRefused($"has format {JournalFile.FormatVersion + 1}; this version of directord reads up to {JournalFile.FormatVersion}");
    }

    [Fact]
    public async Task An_event_of_a_later_version_is_refused()
    {
        await WriteOneServiceAsync();
        Sql("UPDATE journal SET manifest = 'service-added/9'");
        AssertRefused("holds events of the kind 'service-added/9'");
    }

    [Theory]
    [InlineData(100, "header")]
    [InlineData(4096 * 2, "a later page")]
    public async Task A_damaged_file_is_refused_and_left_alone(int at, string where)
    {
        await WriteOneServiceAsync();
        Sql("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
        byte[] bytes = await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken);
        Array.Fill(bytes, (byte)0xA5, at, 64);
        await File.WriteAllBytesAsync(_folder.Journal, bytes, TestContext.Current.CancellationToken);
        Assert.NotEmpty(where);
        AssertRefused("it is damaged");
    }

    [Fact]
    public async Task A_truncated_file_is_refused()
    {
        await WriteOneServiceAsync();
        Sql("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE;");
        using (FileStream file = File.OpenWrite(_folder.Journal))
            file.SetLength(file.Length / 2);
        AssertRefused("it is damaged");
    }

    [Fact]
    public async Task A_journal_that_is_well_is_accepted_again_and_again()
    {
        await WriteOneServiceAsync();
        JournalFile.Prepare(_folder.Journal);
        JournalFile.Prepare(_folder.Journal);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_fails_recovery_and_nothing_is_written()
    {
        await WriteOneServiceAsync();
        Sql("UPDATE journal SET message = X'7B'");
        byte[] before = await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunningDirector.StartAsync(_folder.Journal, engine: null));
        Assert.Equal(before, await File.ReadAllBytesAsync(_folder.Journal, TestContext.Current.CancellationToken));
    }

    private async Task WriteOneServiceAsync()
    {
        await using RunningDirector director = await RunningDirector.StartAsync(_folder.Journal, new FakeEngine());
        Assert.True((await director.ExecuteAsync(new AddService(Service()))).Results[0].Succeeded);
    }

    private void AssertRefused(string why)
    {
        byte[] before = File.ReadAllBytes(_folder.Journal);
        JournalException refused = Assert.Throws<JournalException>(() => JournalFile.Prepare(_folder.Journal));
        Assert.StartsWith($"journal {_folder.Journal}", refused.Message, StringComparison.Ordinal);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_folder.Journal));
    }

    private void Sql(string sql)
    {
        // Connections that the journal's pool still has open would make SQLite wait for a lock.
        SqliteConnection.ClearAllPools();
        using SqliteConnection connection = new(JournalFile.ConnectionString(_folder.Journal) + ";Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Literals of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
