using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/sync</c>: whether a take-over would find every connection.</summary>
internal static class SyncEndpoints
{
    public static void MapSync(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/sync", async (EngineReadings readings, CancellationToken cancellation) =>
                Json.Of(Of((await readings.EngineStatusAsync(cancellation)).Counters), DirectorJson.Default.SyncListing))
            .Produces<SyncListing>().WithTags("sync").WithSummary("Connections between the owner and its standbys");

    public static SyncListing Of(Dictionary<string, ulong> counters)
    {
        ulong inSync = counters.GetValueOrDefault(EngineGauges.SyncStandbysInSync);
        return new SyncListing(
            counters.GetValueOrDefault(EngineGauges.SyncInSync) > 0 || inSync > 0,
            counters.GetValueOrDefault(EngineGauges.SyncStandbys),
            inSync,
            counters.GetValueOrDefault(EngineGauges.SyncLagMilliseconds),
            counters.GetValueOrDefault(EngineGauges.SyncWaiting),
            counters.GetValueOrDefault(EngineGauges.SyncStrictDegraded) > 0,
            counters.TryGetValue(EngineGauges.SyncLastMilliseconds, out ulong last) ? last : null);
    }
}
