using System.Text.Json.Nodes;
using Akka.Actor;
using Director.Host.Configuration;

namespace Director.Host.Management;

/// <summary>
/// Akka Management's cluster API as its clients know it, answered for a director that is alone: one member, itself. There is
/// nobody to join or to down, so writes are refused with Akka Management's own message shape.
/// </summary>
internal static class ClusterEndpoints
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(10);

    public static void MapCluster(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder cluster = app.MapGroup("").WithTags("cluster");
        cluster.MapGet("/cluster/members", (ActorSystem system, DirectorOptions options) => Members(Self.Of(system, options)));
        cluster.MapGet("/cluster/members/{**address}", (string address, ActorSystem system, DirectorOptions options) => Member(Self.Of(system, options), address));
        cluster.MapMethods("/cluster/members/{**address}", ["PUT", "DELETE"], (string address, ActorSystem system, DirectorOptions options) =>
            Self.Of(system, options).Is(address) ? Alone() : NotFound(address));
        cluster.MapPost("/cluster/members", Alone);
        cluster.MapPut("/cluster", Alone);
        cluster.MapGet("/cluster/domain-events", EventsAsync);
        cluster.MapGet("/bootstrap/seed-nodes", (ActorSystem system, DirectorOptions options) => SeedNodes(Self.Of(system, options)));
    }

    private static IResult Members(Self self) => Content(new JsonObject
    {
        ["selfNode"] = self.Node,
        ["members"] = new JsonArray(self.Member()),
        ["unreachable"] = new JsonArray(),
        ["leader"] = self.Node,
        ["oldest"] = self.Node,
        ["oldestPerRole"] = new JsonObject(),
    });

    private static IResult Member(Self self, string address) => self.Is(address) ? Content(self.Member()) : NotFound(address);

    private static IResult SeedNodes(Self self) => Content(new JsonObject
    {
        ["selfNode"] = self.Node,
        ["seedNodes"] = new JsonArray(self.Member(numericUid: true)),
    });

    private static async Task EventsAsync(HttpContext context, ActorSystem system, DirectorOptions options, TimeProvider time)
    {
        Self self = Self.Of(system, options);
        context.Response.ContentType = "text/event-stream";
        JsonObject up = new()
        {
            ["member"] = new JsonObject
            {
                ["uniqueAddress"] = new JsonObject { ["address"] = self.Node, ["longUid"] = self.Uid },
                ["status"] = "Up",
                ["roles"] = new JsonArray(),
                ["dataCenter"] = "default",
            },
            ["type"] = "MemberUp",
        };
        if (context.Request.Query["type"] is { Count: 0 } || context.Request.Query["type"].Contains("MemberUp"))
            await context.Response.WriteAsync($"event:MemberUp\ndata:{up.ToJsonString()}\n\n", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        while (!context.RequestAborted.IsCancellationRequested)
        {
            await Task.Delay(HeartbeatEvery, time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await context.Response.WriteAsync("\n", CancellationToken.None);
            await context.Response.Body.FlushAsync(CancellationToken.None);
        }
    }

    private static IResult Alone() => Message(StatusCodes.Status400BadRequest, "This director is not part of a cluster");

    private static IResult NotFound(string address) => Message(StatusCodes.Status404NotFound, $"Member [{address}] not found");

    private static IResult Message(int status, string text) =>
        Results.Content(new JsonObject { ["message"] = text }.ToJsonString(), "application/json", statusCode: status);

    private static IResult Content(JsonNode node) => Results.Content(node.ToJsonString(), "application/json");

    /// <summary>The one member, by the address that it would have in a cluster.</summary>
    private sealed record Self(string Node, int Uid)
    {
        public static Self Of(ActorSystem system, DirectorOptions options)
        {
            const string transport = "akka.remote.dot-netty.tcp";
            string host = options.Akka.GetString($"{transport}.hostname", "");
            string node = host.Length == 0
                ? "akka://director"
                : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"akka.tcp://director@{host}:{options.Akka.GetInt($"{transport}.port", 4053)}");
            // One incarnation, one number.
            return new Self(node, (int)(system.StartTime.TotalMilliseconds % int.MaxValue));
        }

        /// <summary>Full address or system@host:port, encoded or not.</summary>
        public bool Is(string address) => Uri.UnescapeDataString(address) is var text && (text == Node || Node.EndsWith($"//{text}", StringComparison.Ordinal));

        public JsonObject Member(bool numericUid = false) => new()
        {
            ["node"] = Node,
            ["nodeUid"] = numericUid ? JsonValue.Create(Uid) : JsonValue.Create(Uid.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ["status"] = "Up",
            ["roles"] = new JsonArray(),
        };
    }
}
