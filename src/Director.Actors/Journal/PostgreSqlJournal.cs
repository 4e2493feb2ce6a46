using System.Globalization;
using Npgsql;

namespace Director.Actors.Journal;

/// <summary>
/// The journal in a PostgreSQL database, examined before Akka opens it: out of reach, or with rows of a later version, is told plainly
/// and nothing is changed. Tables that are missing are made by Akka.
/// </summary>
public static class PostgreSqlJournal
{
    /// <summary>What is wrong with a connection string; null: nothing that can be seen.</summary>
    public static string? Fault(string connectionString)
    {
        try
        {
            NpgsqlConnectionStringBuilder builder = new(connectionString);
            return string.IsNullOrEmpty(builder.Host) ? "it names no Host" : null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return e.Message;
        }
    }

    /// <summary>The database for people, without the password.</summary>
    public static string Describe(string connectionString)
    {
        NpgsqlConnectionStringBuilder builder = new(connectionString);
        return string.Create(CultureInfo.InvariantCulture, $"postgresql {builder.Host}:{builder.Port}/{builder.Database ?? builder.Username}");
    }

    /// <param name="connectionString">Of the database.</param>
    /// <param name="director">Whose rows are looked at.</param>
    /// <exception cref="JournalException">It cannot be used.</exception>
    public static void Prepare(string connectionString, string director)
    {
        try
        {
            using NpgsqlConnection connection = new(connectionString);
            connection.Open();
            foreach (string table in (string[])["journal", "snapshot"])
                RefuseUnknownEvents(connectionString, director, connection, table);
        }
        catch (NpgsqlException e)
        {
            throw new JournalException($"journal {Describe(connectionString)}: {e.Message}", e);
        }
    }

    private static void RefuseUnknownEvents(string connectionString, string director, NpgsqlConnection connection, string table)
    {
        using (NpgsqlCommand exists = new("SELECT to_regclass(@name) IS NOT NULL", connection))
        {
            exists.Parameters.AddWithValue("name", table);
            if (exists.ExecuteScalar() is not true)
                return;
        }
#pragma warning disable CA2100 // The table is one of two literals.
        using NpgsqlCommand command = new($"SELECT DISTINCT manifest FROM {table} WHERE persistence_id = @id", connection);
#pragma warning restore CA2100
        command.Parameters.AddWithValue("id", JournalStore.PostgreSql(connectionString, director).PersistenceId);
        using NpgsqlDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            string manifest = rows.IsDBNull(0) ? "" : rows.GetString(0);
            if (!JournalSerializer.KnownManifests.Contains(manifest))
                throw new JournalException(
                    $"journal {Describe(connectionString)} holds events of the kind '{manifest}', which this version of directord does not know: start the version that wrote it, or a later one. Nothing was changed");
        }
    }
}
