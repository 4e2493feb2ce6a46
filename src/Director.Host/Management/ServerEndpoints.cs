using System.Net;
using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/services/{key}/servers</c>: the real servers of one service, by address and port.</summary>
internal static class ServerEndpoints
{
    public static void MapServers(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder servers = app.MapGroup("/api/v1/services/{key}/servers").WithTags("servers");

        servers.MapPost("", async (string key, HttpContext context, ServiceCommands commands) =>
            {
                if (!ServiceKey.TryParse(key, out ServiceKey? service))
                    return ServiceEndpoints.NoKey(key);
                RealServer server = await Json.ReadAsync(context, DirectorJson.Default.RealServer);
                return await commands.ExecuteAsync(new AddServer(service, server), context, () => Results.StatusCode(StatusCodes.Status201Created));
            })
            .Accepts<RealServer>("application/json").Produces(StatusCodes.Status201Created).WithSummary("Add a real server (ipvsadm -a)");

        servers.MapPut("/{endpoint}", async (string key, string endpoint, HttpContext context, ServiceCommands commands) =>
            {
                if (!ServiceKey.TryParse(key, out ServiceKey? service))
                    return ServiceEndpoints.NoKey(key);
                RealServer server = await Json.ReadAsync(context, DirectorJson.Default.RealServer);
                if (!Endpoints.TryParse(endpoint, out IPAddress? address, out ushort port) || !server.IsAt(address, port))
                    return Problems.Of(StatusCodes.Status400BadRequest, "The server does not fit", $"the path names '{endpoint}', the body {Endpoints.Format(server.Address, server.Port)}");
                return await commands.ExecuteAsync(new EditServer(service, server), context, Results.NoContent);
            })
            .Accepts<RealServer>("application/json").Produces(StatusCodes.Status204NoContent).WithSummary("Replace all but address and port (ipvsadm -e)");

        servers.MapDelete("/{endpoint}", async (string key, string endpoint, HttpContext context, ServiceCommands commands) =>
            {
                if (!ServiceKey.TryParse(key, out ServiceKey? service))
                    return ServiceEndpoints.NoKey(key);
                if (!Endpoints.TryParse(endpoint, out IPAddress? address, out ushort port))
                    return Problems.Of(StatusCodes.Status400BadRequest, "Not a server", $"'{endpoint}' is not a server (10.2.0.11:80, [fd00::1]:80)");
                return await commands.ExecuteAsync(new DeleteServer(service, address, port), context, Results.NoContent);
            })
            .Produces(StatusCodes.Status204NoContent).WithSummary("Delete a real server (ipvsadm -d)");
    }
}
