using Director.Actors.Forwarding;

namespace Director.Host.Management;

/// <summary><c>/alive</c>: the process answers. <c>/ready</c>: it would serve: engine up, tables restored.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/alive", () => Results.Ok()).WithSummary("The process lives");
        app.MapGet("/ready", (LiveDirector live) => live.Current is { Ready: false } notYet
            ? Problems.Of(StatusCodes.Status503ServiceUnavailable, "Not ready", notYet.Trouble)
            : Results.Ok()).WithSummary("The director serves: engine up, tables restored");
    }
}
