using System.Collections.Frozen;
using System.Runtime.Serialization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Serialization;
using Director.Actors.Services;

namespace Director.Actors.Journal;

/// <summary>
/// Events and snapshots to bytes and back. A manifest is a name with a version; every manifest ever written stays in
/// <see cref="Types"/>, a new version comes beside the old one and is written from then on.
/// </summary>
public sealed class JournalSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in every row of the journal. Never changes, never means anything else.</summary>
    public const int SerializerId = 7411;

    /// <summary>The first versions: they know no stamps.</summary>
    private static readonly Dictionary<string, JsonTypeInfo> Unversioned = new()
    {
        ["service-added/1"] = JournalJson.Default.ServiceAdded,
        ["service-edited/1"] = JournalJson.Default.ServiceEdited,
        ["service-deleted/1"] = JournalJson.Default.ServiceDeleted,
        ["server-added/1"] = JournalJson.Default.ServerAdded,
        ["server-edited/1"] = JournalJson.Default.ServerEdited,
        ["server-deleted/1"] = JournalJson.Default.ServerDeleted,
        ["timeouts-set/1"] = JournalJson.Default.TimeoutsSet,
        ["declaration-applied/1"] = JournalJson.Default.DeclarationApplied,
        ["mark-added/1"] = JournalJson.Default.MarkAdded,
        ["mark-deleted/1"] = JournalJson.Default.MarkDeleted,
        ["marks-cleared/1"] = JournalJson.Default.MarksCleared,
        ["settings-set/1"] = JournalJson.Default.SettingsSet,
        ["settings-declared/1"] = JournalJson.Default.SettingsDeclared,
        ["sync-daemon-started/1"] = JournalJson.Default.SyncDaemonStarted,
        ["sync-daemon-stopped/1"] = JournalJson.Default.SyncDaemonStopped,
        ["table-snapshot/1"] = JournalJson.Default.TableSnapshot,
    };

    /// <summary>Those that came with replication, with a stamp where it is an object that they make.</summary>
    private static readonly Dictionary<string, JsonTypeInfo> Replicated = new()
    {
        ["service-put/1"] = JournalJson.Default.ServicePut,
        ["marks-put/1"] = JournalJson.Default.MarksPut,
        ["settings-put/1"] = JournalJson.Default.SettingsPut,
        ["sync-daemons-put/1"] = JournalJson.Default.SyncDaemonsPut,
        ["edit-overridden/1"] = JournalJson.Default.EditOverridden,
        ["cluster-identified/1"] = JournalJson.Default.ClusterIdentified,
        ["declaration-seen/1"] = JournalJson.Default.DeclarationSeen,
    };

    /// <summary>The second versions are the first ones with a stamp; they are written where there is one.</summary>
    private static readonly FrozenDictionary<string, JsonTypeInfo> Types = Unversioned
        .Concat(Unversioned.Select(pair => KeyValuePair.Create(Second(pair.Key), pair.Value)))
        .Concat(Replicated)
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<Type, string> Manifests = Unversioned.Concat(Replicated).ToFrozenDictionary(pair => pair.Value.Type, pair => pair.Key);

    public override int Identifier => SerializerId;

    public static IEnumerable<string> KnownManifests => Types.Keys;

    public override string Manifest(object o) => ManifestOf(o);

    public override byte[] ToBinary(object obj) => Encode(obj);

    public override object FromBinary(byte[] bytes, string manifest) => Decode(bytes, manifest);

    /// <summary>A kind's name and version.</summary>
    public static string ManifestOf(object o) => Manifests.TryGetValue(o.GetType(), out string? manifest)
        ? IsVersioned(o) && Unversioned.ContainsKey(manifest) ? Second(manifest) : manifest
        : throw new SerializationException($"{o.GetType().Name} has no place in the journal");

    public static byte[] Encode(object o) => JsonSerializer.SerializeToUtf8Bytes(o, Types[ManifestOf(o)]);

    /// <exception cref="SerializationException">An unknown manifest.</exception>
    /// <exception cref="JsonException">The bytes are none of this manifest.</exception>
    public static object Decode(ReadOnlySpan<byte> bytes, string manifest) => Types.TryGetValue(manifest, out JsonTypeInfo? type)
        ? JsonSerializer.Deserialize(bytes, type) ?? throw new SerializationException($"an event '{manifest}' is null")
        : throw new SerializationException($"an event is of the kind '{manifest}', which this version does not know");

    private static bool IsVersioned(object o) => o is DirectorEvent { Stamp: not null } or TableSnapshot { Replica: not null };

    private static string Second(string first) => first[..^1] + "2";

    /// <summary>The types that Akka must hand to this serializer: <see cref="TableSnapshot"/> and every <see cref="DirectorEvent"/>.</summary>
    internal static readonly Type[] Bound = [typeof(DirectorEvent), typeof(TableSnapshot)];
}
