using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/services</c>: virtual services by their notation, e.g. <c>tcp 10.1.0.100:80</c> (URL-encoded).</summary>
internal static class ServiceEndpoints
{
    public static void MapServices(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder services = app.MapGroup("/api/v1/services").WithTags("services");

        services.MapGet("", async (EngineReadings engine, CancellationToken cancellation) =>
                Json.Of(await engine.ServicesAsync(cancellation), DirectorJson.Default.ServicesListing))
            .Produces<ServicesListing>().WithSummary("Every service, in the order of addition, with what was observed of it");

        services.MapPost("", async (HttpContext context, ServiceCommands commands) =>
            {
                VirtualService service = await Json.ReadAsync(context, DirectorJson.Default.VirtualService);
                Json.RefuseNull(service.Servers, "$.servers");
                return await commands.ExecuteAsync(new AddService(service), context, () => Results.Created(PathOf(service.Key), null));
            })
            .Accepts<VirtualService>("application/json").Produces(StatusCodes.Status201Created).WithSummary("Add a service (ipvsadm -A)");

        services.MapDelete("", (HttpContext context, ServiceCommands commands) => commands.ExecuteAsync(new Clear(), context, Results.NoContent))
            .Produces(StatusCodes.Status204NoContent).WithSummary("Delete every service (ipvsadm -C)");

        services.MapGet("/{key}", async (string key, EngineReadings engine, CancellationToken cancellation) =>
            {
                if (!ServiceKey.TryParse(key, out ServiceKey? service))
                    return NoKey(key);
                ServicesListing all = await engine.ServicesAsync(cancellation);
                return Array.Find(all.Services, one => one.Service.Key == service) is { } found
                    ? Json.Of(found, DirectorJson.Default.ServiceListing)
                    : Problems.Of(new CommandResult(CommandError.NoSuchService, key));
            })
            .Produces<ServiceListing>().WithSummary("One service");

        services.MapPut("/{key}", async (string key, HttpContext context, ServiceCommands commands) =>
            {
                VirtualService service = await Json.ReadAsync(context, DirectorJson.Default.VirtualService);
                if (!ServiceKey.TryParse(key, out ServiceKey? named) || named != service.Key)
                    return Problems.Of(StatusCodes.Status400BadRequest, "The key does not fit", $"the path names '{key}', the body '{service.Key}'");
                return await commands.ExecuteAsync(new EditService(service), context, Results.NoContent);
            })
            .Accepts<VirtualService>("application/json").Produces(StatusCodes.Status204NoContent).WithSummary("Replace all but the servers (ipvsadm -E)");

        services.MapDelete("/{key}", async (string key, HttpContext context, ServiceCommands commands) => ServiceKey.TryParse(key, out ServiceKey? service)
                ? await commands.ExecuteAsync(new DeleteService(service), context, Results.NoContent)
                : NoKey(key))
            .Produces(StatusCodes.Status204NoContent).WithSummary("Delete a service (ipvsadm -D)");
    }

    public static IResult NoKey(string text) =>
        Problems.Of(StatusCodes.Status400BadRequest, "Not a service", $"'{text}' is not a service (tcp 10.0.0.1:80, udp [fd00::1]:53, fwmark 7)");

    private static string PathOf(ServiceKey key) => $"/api/v1/services/{Uri.EscapeDataString(key.ToString())}";
}
