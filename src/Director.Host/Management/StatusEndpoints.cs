using Director.Model;

namespace Director.Host.Management;

/// <summary><c>GET /api/v1/status</c>: what <c>director status</c> shows.</summary>
internal static class StatusEndpoints
{
    public static void MapStatus(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/status", async (EngineReadings readings, CancellationToken cancellation) =>
                Json.Of(await readings.StatusAsync(cancellation), DirectorJson.Default.DirectorStatus))
            .Produces<DirectorStatus>().WithTags("status").WithSummary("The director and its engine");
}
