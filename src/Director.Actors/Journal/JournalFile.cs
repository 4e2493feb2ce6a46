using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Director.Actors.Journal;

/// <summary>
/// The journal's SQLite file, examined before Akka opens it: what is no journal of ours, or damaged, or from a later version, is
/// refused and left as it is. Akka would create its tables in whatever it finds.
/// </summary>
public static class JournalFile
{
    /// <summary>SQLite's <c>application_id</c>: "HaDr".</summary>
    public const int ApplicationId = 0x48614472;

    /// <summary>SQLite's <c>user_version</c>: the format of the file as a whole.</summary>
    public const int FormatVersion = 1;

    private static readonly byte[] Magic = "SQLite format 3\0"u8.ToArray();

    public static string ConnectionString(string path) => new SqliteConnectionStringBuilder { DataSource = path }.ToString();

    /// <summary>Creates the file if there is none, else examines it.</summary>
    /// <exception cref="JournalException">It is not ours to use.</exception>
    public static void Prepare(string path)
    {
        try
        {
            if (!File.Exists(path) || new FileInfo(path).Length == 0)
                Create(path);
            else
                Examine(path);
        }
        catch (SqliteException e)
        {
            throw Unusable(path, $"it is damaged ({e.Message})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new JournalException($"journal {path}: {e.Message}", e);
        }
    }

    private static void Create(string path)
    {
        using SqliteConnection connection = new(ConnectionString(path) + ";Pooling=False");
        connection.Open();
        // The log survives a crash of directord and, since synchronous stays at FULL, of the machine.
        Execute(connection, $"PRAGMA journal_mode = WAL; PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {FormatVersion};");
    }

    private static void Examine(string path)
    {
        byte[] head = new byte[Magic.Length];
        using (FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            if (file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length || !head.AsSpan().SequenceEqual(Magic))
                throw Unusable(path, "it is not a database");
        }
        using SqliteConnection connection = new($"{ConnectionString(path)};Mode=ReadOnly;Pooling=False");
        connection.Open();
        if (Number(connection, "PRAGMA application_id") != ApplicationId)
            throw Unusable(path, "it is another program's database");
        long version = Number(connection, "PRAGMA user_version");
        if (version > FormatVersion)
            throw new JournalException(
                $"journal {path} has format {version}; this version of directord reads up to {FormatVersion}: start the version that wrote it, or a later one. Nothing was changed");
        if (Text(connection, "PRAGMA integrity_check(1)") is var verdict && verdict != "ok")
            throw Unusable(path, $"it is damaged ({verdict})");
        RefuseUnknownEvents(path, connection);
    }

    private static void RefuseUnknownEvents(string path, SqliteConnection connection)
    {
        foreach (string table in new[] { "journal", "snapshot" })
        {
            if (Number(connection, $"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = '{table}'") == 0)
                continue;
            using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Both names are literals above.
            command.CommandText = $"SELECT DISTINCT manifest FROM {table}";
#pragma warning restore CA2100
            using SqliteDataReader rows = command.ExecuteReader();
            while (rows.Read())
            {
                string manifest = rows.IsDBNull(0) ? "" : rows.GetString(0);
                if (!JournalSerializer.KnownManifests.Contains(manifest))
                    throw new JournalException(
                        $"journal {path} holds events of the kind '{manifest}', which this version of directord does not know: start the version that wrote it, or a later one. Nothing was changed");
            }
        }
    }

    private static JournalException Unusable(string path, string why, Exception? inner = null) => new(
        $"journal {path}: {why}. Nothing was changed; restore it from a backup, or move it away to start with no services", inner ?? new InvalidDataException(why));

    private static void Execute(SqliteConnection connection, string sql) => Scalar(connection, sql);

    private static long Number(SqliteConnection connection, string sql) => Convert.ToInt64(Scalar(connection, sql), CultureInfo.InvariantCulture);

    private static string Text(SqliteConnection connection, string sql) => Convert.ToString(Scalar(connection, sql), CultureInfo.InvariantCulture) ?? "";

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a literal of this file.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
