using System.Text.Json.Serialization;
using Director.Actors.Marks;
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
    Converters = [typeof(IPAddressJsonConverter), typeof(ServiceKeyJsonConverter), typeof(MarkRuleJsonConverter)])]
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
internal sealed partial class JournalJson : JsonSerializerContext;
