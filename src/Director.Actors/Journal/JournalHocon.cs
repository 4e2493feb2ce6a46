using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Director.Actors.Journal;

/// <summary>Akka's configuration of the journal: Akka.Persistence.Sql, events by our own serializer.</summary>
public static class JournalHocon
{
    public static Config For(JournalStore store) => ConfigurationFactory.ParseString($$"""
        akka.persistence.journal {
          plugin = "akka.persistence.journal.sql"
          sql {
            class = "Akka.Persistence.Sql.Journal.SqlWriteJournal, Akka.Persistence.Sql"
            connection-string = {{Quoted(store.ConnectionString)}}
            provider-name = {{Quoted(store.Provider)}}
            auto-initialize = true
          }
        }
        akka.persistence.snapshot-store {
          plugin = "akka.persistence.snapshot-store.sql"
          sql {
            class = "Akka.Persistence.Sql.Snapshot.SqlSnapshotStore, Akka.Persistence.Sql"
            connection-string = {{Quoted(store.ConnectionString)}}
            provider-name = {{Quoted(store.Provider)}}
            auto-initialize = true
          }
        }
        akka.actor {
          serializers.director-journal = {{Quoted(TypeName(typeof(JournalSerializer)))}}
          serialization-bindings {
            {{string.Join("\n", JournalSerializer.Bound.Select(type => $"{Quoted(TypeName(type))} = director-journal"))}}
          }
          serialization-identifiers {
            {{Quoted(TypeName(typeof(JournalSerializer)))}} = {{JournalSerializer.SerializerId}}
          }
        }
        """).WithFallback(SqlPersistence.DefaultConfiguration);

    private static string TypeName(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
