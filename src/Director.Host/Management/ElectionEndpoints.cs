using Akka.Actor;
using Akka.Hosting;
using Director.Actors.Election;
using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/election</c>: who owns the addresses, and handing them over.</summary>
internal static class ElectionEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapElection(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/election", (ElectionReadings readings) => Json.Of(readings.Listing(), DirectorJson.Default.ElectionListing))
            .Produces<ElectionListing>().WithTags("election").WithSummary("Who owns the addresses, since when and why (director status)");

        app.MapPost("/api/v1/election/failover", FailOverAsync)
            .Accepts<FailOverRequest>("application/json").Produces<FailOverResult>().WithTags("election")
            .WithSummary("Hand the addresses over to another director (director failover)");
    }

    private static async Task<IResult> FailOverAsync(HttpContext context, IRequiredActor<ElectionActor> election)
    {
        FailOverRequest request = await Json.ReadAsync(context, DirectorJson.Default.FailOverRequest);
        FailedOver answer = await election.ActorRef.Ask<FailedOver>(new FailOver(request.To), Patience, context.RequestAborted);
        return answer.Error is { } error
            ? Problems.Of(StatusCodes.Status409Conflict, "No fail-over", error)
            : Json.Of(new FailOverResult(answer.Owner!), DirectorJson.Default.FailOverResult);
    }
}
