using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/settings</c>: IPVS's settings by the names that they have under /proc/sys/net/ipv4/vs.</summary>
internal static class SettingEndpoints
{
    public static void MapSettings(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/settings", (EngineReadings readings) => Values(readings))
            .Produces<SortedDictionary<string, int>>().WithTags("settings").WithSummary("Every setting and its value (director set)");

        app.MapPut("/api/v1/settings", async (HttpContext context, ServiceCommands commands, EngineReadings readings) =>
            {
                SortedDictionary<string, int> values = await Json.ReadAsync(context, DirectorJson.Default.SortedDictionaryStringInt32);
                return await commands.ExecuteAsync(new SetSettings(values), context, () => Values(readings));
            })
            .Accepts<SortedDictionary<string, int>>("application/json").Produces<SortedDictionary<string, int>>().WithTags("settings")
            .WithSummary("Change those that are named, all or none (director set NAME=VALUE ...)");
    }

    private static IResult Values(EngineReadings readings) =>
        Json.Of(readings.Live.Table.Settings.InForce.ToValues(), DirectorJson.Default.SortedDictionaryStringInt32);
}
