using System.Text.Json;
using System.Text.Json.Serialization;
using Director.Actors.Marks;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Journal;

/// <summary>
/// The events' and the snapshot's bytes: JSON, source-generated. The nouns are the model's own, so a change there that would
/// change bytes on disk is caught by the frozen samples in the tests.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters = [typeof(IPAddressJsonConverter), typeof(ServiceKeyJsonConverter), typeof(MarkRuleJsonConverter), typeof(ObjectVersionJsonConverter)])]
[JsonSerializable(typeof(ServiceAdded))]
[JsonSerializable(typeof(ServiceEdited))]
[JsonSerializable(typeof(ServiceDeleted))]
[JsonSerializable(typeof(ServerAdded))]
[JsonSerializable(typeof(ServerEdited))]
[JsonSerializable(typeof(ServerDeleted))]
[JsonSerializable(typeof(TimeoutsSet))]
[JsonSerializable(typeof(DeclarationApplied))]
[JsonSerializable(typeof(MarkAdded))]
[JsonSerializable(typeof(MarkDeleted))]
[JsonSerializable(typeof(MarksCleared))]
[JsonSerializable(typeof(SettingsSet))]
[JsonSerializable(typeof(SettingsDeclared))]
[JsonSerializable(typeof(SyncDaemonStarted))]
[JsonSerializable(typeof(SyncDaemonStopped))]
[JsonSerializable(typeof(TableSnapshot))]
[JsonSerializable(typeof(ServicePut))]
[JsonSerializable(typeof(MarksPut))]
[JsonSerializable(typeof(SettingsPut))]
[JsonSerializable(typeof(SyncDaemonsPut))]
[JsonSerializable(typeof(EditOverridden))]
[JsonSerializable(typeof(ClusterIdentified))]
[JsonSerializable(typeof(DeclarationSeen))]
internal sealed partial class JournalJson : JsonSerializerContext;

/// <summary>A version as its text, <c>7.12.a</c>.</summary>
internal sealed class ObjectVersionJsonConverter : JsonConverter<ObjectVersion>
{
    public override ObjectVersion Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ObjectVersion.TryParse(reader.GetString(), out ObjectVersion version) ? version : throw new JsonException($"'{reader.GetString()}' is not a version (7.12.a)");

    public override void Write(Utf8JsonWriter writer, ObjectVersion value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
