using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/timeouts</c>: the three of <c>ipvsadm --set</c>; zeros in a change leave a value as it is.</summary>
internal static class TimeoutEndpoints
{
    public static void MapTimeouts(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/timeouts", (EngineReadings readings) => Json.Of(readings.Live.Table.Timeouts, DirectorJson.Default.Timeouts))
            .Produces<Timeouts>().WithTags("timeouts").WithSummary("The connection timeouts, in seconds");

        app.MapPut("/api/v1/timeouts", async (HttpContext context, ServiceCommands commands, EngineReadings readings) =>
            {
                Timeouts change = await Json.ReadAsync(context, DirectorJson.Default.Timeouts);
                return await commands.ExecuteAsync(
                    new SetTimeouts(change), context, () => Json.Of(readings.Live.Table.Timeouts, DirectorJson.Default.Timeouts));
            })
            .Accepts<Timeouts>("application/json").Produces<Timeouts>().WithTags("timeouts").WithSummary("Change them (ipvsadm --set)");
    }
}
