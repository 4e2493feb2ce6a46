using System.Text.Json;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Management;

/// <summary><c>GET /api/v1/connections</c>: every connection, streamed, since there may be millions.</summary>
internal static class ConnectionEndpoints
{
    private const int FlushAt = 64 * 1024;

    public static void MapConnections(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/v1/connections", WriteAsync).Produces<ConnectionEntry[]>().WithTags("connections").WithSummary("Every connection (ipvsadm -Lc)");

    private static async Task WriteAsync(HttpContext context, EngineReadings readings)
    {
        IForwardingEngine engine = readings.Engine;
        CancellationToken cancellation = context.RequestAborted;
        context.Response.ContentType = "application/json";
        await using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartArray();
        await foreach (ConnectionEntry[] chunk in engine.ConnectionsAsync(cancellation).WithCancellation(cancellation))
        {
            foreach (ConnectionEntry entry in chunk)
                JsonSerializer.Serialize(json, entry, DirectorJson.Default.ConnectionEntry);
            if (json.BytesPending >= FlushAt)
                await json.FlushAsync(cancellation);
            await context.Response.BodyWriter.FlushAsync(cancellation);
        }
        json.WriteEndArray();
        await json.FlushAsync(cancellation);
    }
}
