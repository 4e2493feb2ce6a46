using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Director.Model;

/// <summary>The JSON of the management API and of the journal, source-generated (native AOT reads the same types).</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowOutOfOrderMetadataProperties = true,
    Converters = [typeof(IPAddressJsonConverter), typeof(ServiceKeyJsonConverter), typeof(MarkRuleJsonConverter)])]
[JsonSerializable(typeof(CommandBatch))]
[JsonSerializable(typeof(CommandBatchResult))]
[JsonSerializable(typeof(ServicesListing))]
[JsonSerializable(typeof(ServiceListing))]
[JsonSerializable(typeof(VirtualService))]
[JsonSerializable(typeof(RealServer))]
[JsonSerializable(typeof(VirtualService[]))]
[JsonSerializable(typeof(ConnectionEntry))]
[JsonSerializable(typeof(ConnectionEntry[]))]
[JsonSerializable(typeof(Timeouts))]
[JsonSerializable(typeof(DirectorStatus))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(MarksListing))]
[JsonSerializable(typeof(MarkLine))]
[JsonSerializable(typeof(MarkImport))]
[JsonSerializable(typeof(MarkImportResult))]
[JsonSerializable(typeof(SortedDictionary<string, int>))]
[JsonSerializable(typeof(SyncDaemon[]))]
[JsonSerializable(typeof(ElectionListing))]
[JsonSerializable(typeof(SyncListing))]
[JsonSerializable(typeof(FailOverRequest))]
[JsonSerializable(typeof(FailOverResult))]
public sealed partial class DirectorJson : JsonSerializerContext;

/// <summary>An IP address as its usual text.</summary>
public sealed class IPAddressJsonConverter : JsonConverter<IPAddress>
{
    public override IPAddress Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        IPAddress.TryParse(reader.GetString(), out IPAddress? address)
            ? address
            : throw new JsonException($"'{reader.GetString()}' is not an IP address");

    public override void Write(Utf8JsonWriter writer, IPAddress value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}

/// <summary>A service key in its notation (<see cref="ServiceKey"/>).</summary>
public sealed class ServiceKeyJsonConverter : JsonConverter<ServiceKey>
{
    public override ServiceKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ServiceKey.TryParse(reader.GetString(), out ServiceKey? key)
            ? key
            : throw new JsonException($"'{reader.GetString()}' is not a service (tcp 10.0.0.1:80, udp [fd00::1]:53, fwmark 7)");

    public override void Write(Utf8JsonWriter writer, ServiceKey value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
