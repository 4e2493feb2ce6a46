using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Director.Model;

namespace Director.Host.Management;

/// <summary>Bodies, by the source-generated contract that the CLI has too (<see cref="DirectorJson"/>).</summary>
internal static class Json
{
    public static IResult Of<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) =>
        Results.Json(value, type, statusCode: status);

    /// <exception cref="JsonException">It is something else; with the path to it.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class =>
        await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted)
        ?? throw new JsonException("the body is null", "$", 0, 0);

    /// <summary>The reader checks properties for null, but not the elements of arrays.</summary>
    public static void RefuseNull<T>(IReadOnlyList<T?> elements, string path)
    {
        for (int i = 0; i < elements.Count; i++)
        {
            string at = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (elements[i] is null)
                throw new JsonException("null where there should be something", at, 0, 0);
            if (elements[i] is AddService { Service.Servers: var servers })
                RefuseNull(servers, $"{at}.service.servers");
        }
    }

    /// <summary>The path first; what .NET thinks of its own types is of no use to the caller.</summary>
    public static string Describe(JsonException wrong)
    {
        string text = wrong.Message.Split(" Path: ", 2)[0].Split(" The JSON value could not be converted to ", 2)[0];
        return $"{wrong.Path ?? "$"} (line {(wrong.LineNumber ?? 0) + 1}): {text}";
    }
}
