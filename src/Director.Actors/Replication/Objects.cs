using System.Collections.Immutable;
using System.Security.Cryptography;
using Director.Actors.Journal;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;

namespace Director.Actors.Replication;

/// <summary>
/// A table as objects. The state of an object is the event that makes it so (<see cref="ServicePut"/>, <see cref="TimeoutsSet"/>,
/// <see cref="ServiceDeleted"/>...): journal and wire share one form of it.
/// </summary>
public static class Objects
{
    /// <summary>What there is to tell another director: services in the table's order, then the rest.</summary>
    public static IEnumerable<ObjectKey> Of(ServiceTable table) =>
    [
        .. table.Services.Select(service => ObjectKey.Of(service.Key)),
        .. table.Replica.Stamps.Keys.Where(key => key.Service is { } service && table.Find(service) is null),
        .. ObjectKey.Singles.Where(key => StampOf(table, key) is not null),
        .. table.Replica.Overridden.Keys,
    ];

    /// <summary>Null: the table knows nothing of the object, not even that it was deleted.</summary>
    public static Stamp? StampOf(ServiceTable table, ObjectKey key) =>
        table.Replica.Stamps.GetValueOrDefault(key) ?? (IsThere(table, key) ? Stamp.None : null);

    /// <summary>The object's state, with its stamp; null: the table knows nothing of it.</summary>
    public static DirectorEvent? StateOf(ServiceTable table, ObjectKey key)
    {
        if (key.Kind == ObjectKind.Override)
            return table.Replica.Overridden.GetValueOrDefault(key);
        return StampOf(table, key) is { } stamp ? Value(table, key) with { Stamp = stamp == Stamp.None ? null : stamp } : null;
    }

    /// <summary>The events of a round with the stamps of edits made here and now, all of one version.</summary>
    /// <param name="table">Before the round.</param>
    /// <param name="events">Without stamps.</param>
    /// <param name="director">Who this is.</param>
    /// <param name="epoch">Of the ownership, as far as it is known.</param>
    /// <param name="now">Seconds since 1970.</param>
    public static ImmutableArray<DirectorEvent> Stamped(ServiceTable table, IEnumerable<DirectorEvent> events, string director, ulong epoch, long now)
    {
        ObjectVersion version = new(Math.Max(epoch, table.Replica.Epoch), table.Replica.Sequence + 1, director);
        return [.. events.Select(happened => ObjectKey.Of(happened) is { Kind: not ObjectKind.Override } key
            ? happened with { Stamp = StampOf(table, key)?.Next(version, now) ?? new Stamp(version, now) }
            : happened)];
    }

    /// <summary>A hash of what the table says, whoever said it and when: two tables with the same one lose nothing by becoming one.</summary>
    public static string ContentHash(ServiceTable table)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        IEnumerable<ObjectKey> there = table.Services.Select(service => ObjectKey.Of(service.Key)).OrderBy(key => key.ToString(), StringComparer.Ordinal)
            .Concat(ObjectKey.Singles.Where(key => key != ObjectKey.Declaration && IsThere(table, key)));
        foreach (ObjectKey key in there)
            hash.AppendData(Bytes(Value(table, key)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>A state's value alone, as it is compared: stamps left out.</summary>
    internal static byte[] Bytes(DirectorEvent state) => JournalSerializer.Encode(state with { Stamp = null });

    internal static bool IsThere(ServiceTable table, ObjectKey key) => key.Kind switch
    {
        ObjectKind.Service => table.Find(key.Service!) is not null,
        ObjectKind.Timeouts => table.Timeouts != ServiceTable.Empty.Timeouts,
        ObjectKind.Marks => !table.Marks.Added.IsEmpty,
        ObjectKind.Settings => table.Settings != SettingsState.Default,
        ObjectKind.SyncDaemons => table.Daemons != SyncDaemonState.None,
        ObjectKind.Declaration => table.Declaration is not null,
        _ => table.Replica.Overridden.ContainsKey(key),
    };

    private static DirectorEvent Value(ServiceTable table, ObjectKey key) => key.Kind switch
    {
        ObjectKind.Service => table.Find(key.Service!) is { } service ? new ServicePut(service) : new ServiceDeleted(key.Service!),
        ObjectKind.Timeouts => new TimeoutsSet(table.Timeouts),
        ObjectKind.Marks => new MarksPut([.. table.Marks.Added]),
        ObjectKind.Settings => new SettingsPut(SettingsSnapshot.Of(table.Settings)),
        ObjectKind.SyncDaemons => new SyncDaemonsPut([.. table.Daemons.All]),
        ObjectKind.Declaration => table.Declaration ?? new DeclarationApplied("", []),
        _ => throw new ArgumentException($"{key} has no value of its own", nameof(key)),
    };
}
