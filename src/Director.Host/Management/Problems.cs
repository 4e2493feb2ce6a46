using System.Text.Json;
using Director.Model;

namespace Director.Host.Management;

/// <summary>Errors as <c>application/problem+json</c> (RFC 9457): what was wrong, and where.</summary>
internal static class Problems
{
    private const string MediaType = "application/problem+json";

    public static IResult Of(CommandResult refused, string? instance = null) => new ProblemResult(new Problem(
        Title(refused.Error), StatusOf(refused.Error), refused.Detail, instance, $"urn:director:{refused.Error}"));

    public static IResult Of(int status, string title, string? detail = null) => new ProblemResult(new Problem(title, status, detail));

    public static Task WriteAsync(HttpContext context, int status, string title, string? detail = null) =>
        WriteAsync(context, new Problem(title, status, detail, context.Request.Path));

    private static int StatusOf(CommandError error) => error switch
    {
        CommandError.NoSuchService or CommandError.NoSuchServer or CommandError.ServiceNotDefined or CommandError.NoSuchMark or CommandError.NoSuchSetting or CommandError.NoDaemon => StatusCodes.Status404NotFound,
        CommandError.ServiceExists or CommandError.ServerExists or CommandError.AddressInUse or CommandError.MarkExists or CommandError.DaemonRuns => StatusCodes.Status409Conflict,
        CommandError.Unavailable => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status422UnprocessableEntity,
    };

    private static string Title(CommandError error) => error switch
    {
        CommandError.ServiceExists => "Service already exists",
        CommandError.NoSuchService => "No such service",
        CommandError.ServerExists => "Destination already exists",
        CommandError.NoSuchServer => "No such destination",
        CommandError.ServiceNotDefined => "Service not defined",
        CommandError.UnknownScheduler => "Scheduler or persistence engine not found",
        CommandError.OutOfRange => "Numerical result out of range",
        CommandError.InvalidOperation => "Invalid operation",
        CommandError.NotSupported => "Not supported",
        CommandError.Unavailable => "Unavailable",
        CommandError.AddressInUse => "Address in use",
        CommandError.MarkExists => "Mark rule already exists",
        CommandError.NoSuchMark => "No such mark rule",
        CommandError.NoSuchSetting => "No such setting",
        CommandError.NotConfigured => "Not configured",
        CommandError.DaemonRuns => "Daemon has already run",
        CommandError.NoDaemon => "No daemon is running",
        CommandError.NoSuchDevice => "No such device",
        _ => error.ToString(),
    };

    private static Task WriteAsync(HttpContext context, Problem problem)
    {
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = MediaType;
        return JsonSerializer.SerializeAsync(context.Response.Body, problem, DirectorJson.Default.Problem, context.RequestAborted);
    }

    private sealed class ProblemResult(Problem problem) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, problem with { Instance = problem.Instance ?? httpContext.Request.Path });
    }
}
