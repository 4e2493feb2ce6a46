using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Hosting;
using Director.Actors.Cluster;

namespace Director.Host.Management;

/// <summary>
/// Akka Management's cluster API as its clients know it. A director alone answers for a cluster of one and refuses writes with Akka
/// Management's own message shape: there is nobody to join or to down.
/// </summary>
internal static class ClusterEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static void MapCluster(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder cluster = app.MapGroup("").WithTags("cluster");
        cluster.MapGet("/cluster/members", (ClusterReadings readings) => Content(ClusterJson.Members(readings.View)));
        cluster.MapPost("/cluster/members", JoinAsync);
        cluster.MapGet("/cluster/members/{**address}", (string address, ClusterReadings readings) =>
            readings.Find(address) is { } member ? Content(ClusterJson.Member(member)) : NotFound(address));
        cluster.MapPut("/cluster/members/{**address}", PutAsync);
        cluster.MapDelete("/cluster/members/{**address}", (string address, ClusterReadings readings, IServiceProvider services) =>
            OnMemberAsync(readings, services, address, "Leaving", found => new MemberCommand.Leave(found)));
        // The operation that there is, preparing for a full shutdown, is not Akka.NET's.
        cluster.MapPut("/cluster", (ClusterReadings readings) => readings.IsAlone ? Alone() : NotSupported());
        cluster.MapGet("/cluster/domain-events", ClusterEvents.StreamAsync);
        cluster.MapGet("/bootstrap/seed-nodes", (ClusterReadings readings) => Content(ClusterJson.SeedNodes(readings.View)));
    }

    private static async Task<IResult> JoinAsync(HttpContext context, ClusterReadings readings, IServiceProvider services)
    {
        if (readings.IsAlone)
            return Alone();
        string? address = await FieldAsync(context, "address");
        return address is not null && Address.TryParse(address, out Address? parsed) && parsed.HasGlobalScope
            ? await ObeyAsync(services, new MemberCommand.Join(address), $"Joining {address}")
            : Message(StatusCodes.Status400BadRequest, "The form field 'address' must be an address such as akka.tcp://director@10.3.0.1:4053");
    }

    private static async Task<IResult> PutAsync(string address, HttpContext context, ClusterReadings readings, IServiceProvider services)
    {
        string? operation = await FieldAsync(context, "operation");
        return operation?.ToUpperInvariant() switch
        {
            "DOWN" => await OnMemberAsync(readings, services, address, "Downing", found => new MemberCommand.Down(found)),
            "LEAVE" => await OnMemberAsync(readings, services, address, "Leaving", found => new MemberCommand.Leave(found)),
            _ => readings.Find(address) is null ? NotFound(address) : readings.IsAlone ? Alone() : NotSupported(),
        };
    }

    private static async Task<IResult> OnMemberAsync(ClusterReadings readings, IServiceProvider services, string address, string doing, Func<string, MemberCommand> command) =>
        readings.Find(address) is not { } member ? NotFound(address)
        : readings.IsAlone ? Alone()
        : await ObeyAsync(services, command(member.Member.Address), $"{doing} {member.Member.Address}");

    private static async Task<IResult> ObeyAsync(IServiceProvider services, MemberCommand command, string done)
    {
        IActorRef cluster = services.GetRequiredService<IRequiredActor<ClusterActor>>().ActorRef;
        MemberCommandTaken taken = await cluster.Ask<MemberCommandTaken>(command, Patience);
        return taken.Failure is null ? Message(StatusCodes.Status200OK, done) : Message(StatusCodes.Status503ServiceUnavailable, taken.Failure);
    }

    private static async Task<string?> FieldAsync(HttpContext context, string name) =>
        context.Request.HasFormContentType && (await context.Request.ReadFormAsync(context.RequestAborted))[name] is [{ } value, ..] ? value : null;

    private static IResult Alone() => Message(StatusCodes.Status400BadRequest, "This director is not part of a cluster");

    private static IResult NotSupported() => Message(StatusCodes.Status400BadRequest, "Operation not supported");

    private static IResult NotFound(string address) => Message(StatusCodes.Status404NotFound, $"Member [{Uri.UnescapeDataString(address)}] not found");

    private static IResult Message(int status, string text) =>
        Results.Content(new JsonObject { ["message"] = text }.ToJsonString(), "application/json", statusCode: status);

    private static IResult Content(JsonNode node) => Results.Content(node.ToJsonString(), "application/json");
}
