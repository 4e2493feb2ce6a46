using Director.Model;

namespace Director.Host.Management;

/// <summary><c>POST /api/v1/commands</c>: a batch, one transaction and one revision. Refused commands are in the answer, which is 200.</summary>
internal static class CommandEndpoints
{
    public static void MapCommands(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/v1/commands", async (HttpContext context, ServiceCommands commands) =>
            {
                CommandBatch batch = await Json.ReadAsync(context, DirectorJson.Default.CommandBatch);
                Json.RefuseNull(batch.Commands, "$.commands");
                return Json.Of(await commands.ExecuteAsync(batch, context.RequestAborted), DirectorJson.Default.CommandBatchResult);
            })
            .Accepts<CommandBatch>("application/json").Produces<CommandBatchResult>().WithTags("commands")
            .WithSummary("Execute commands in order as one transaction (ipvsadm -R); answered when the next packet sees them");
}
