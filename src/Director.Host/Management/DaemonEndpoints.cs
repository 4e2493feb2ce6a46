using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/daemons</c>: the sync daemons that <c>ipvsadm --start-daemon</c> started.</summary>
internal static class DaemonEndpoints
{
    public static void MapDaemons(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/daemons", (EngineReadings readings) => Json.Of([.. readings.Live.Table.Daemons.All], DirectorJson.Default.SyncDaemonArray))
            .Produces<SyncDaemon[]>().WithTags("daemons").WithSummary("Sync daemons (ipvsadm -L --daemon); directors synchronize without them");
    }
}
