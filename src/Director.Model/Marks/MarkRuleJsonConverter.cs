using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Director.Model;

/// <summary>A mark rule in its notation (<see cref="MarkRule"/>).</summary>
public sealed class MarkRuleJsonConverter : JsonConverter<MarkRule>
{
    /// <summary>A null is no rule either.</summary>
    public override bool HandleNull => true;

    public override MarkRule Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (!MarkRule.TryParse(reader.GetString() ?? "", out ImmutableArray<MarkRule> rules, out string? error))
            throw new JsonException($"not a mark rule: {error}");
        return rules.Length == 1 ? rules[0] : throw new JsonException($"{rules.Length} mark rules where one is expected: write each address by itself");
    }

    public override void Write(Utf8JsonWriter writer, MarkRule value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
}
