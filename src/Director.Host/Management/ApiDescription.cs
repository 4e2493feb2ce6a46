using Director.Dataplane.Control;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Director.Host.Management;

/// <summary>Title and version of <c>/openapi/v1.json</c>.</summary>
internal sealed class ApiDescription : IOpenApiDocumentTransformer
{
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "HaDirector management API",
            Version = EngineIdentity.ProductVersion,
            Description = "Virtual services, real servers, connections. Reading is open on loopback; writing needs the Unix socket or the bearer token. Errors are application/problem+json.",
        };
        return Task.CompletedTask;
    }
}
