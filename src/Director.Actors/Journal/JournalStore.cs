namespace Director.Actors.Journal;

/// <summary>Where a director's journal is.</summary>
/// <param name="ConnectionString">Of the database.</param>
/// <param name="Provider">As Akka.Persistence.Sql names it.</param>
/// <param name="PersistenceId">Stands in every row.</param>
public sealed record JournalStore(string ConnectionString, string Provider, string PersistenceId)
{
    /// <summary>A file of its own: nobody else's rows are in it.</summary>
    public static JournalStore Sqlite(string path) => new(JournalFile.ConnectionString(path), "SQLite.MS", JournalActor.StableId);

    /// <summary>
    /// A database that directors may share: each writes rows of its own, by its name, and holds everything. They are kept the same by
    /// replication as with files: of two that wrote the same rows one would fail as soon as they are apart.
    /// </summary>
    public static JournalStore PostgreSql(string connectionString, string director) => new(connectionString, "PostgreSQL.15", $"{JournalActor.StableId}-{director}");
}
