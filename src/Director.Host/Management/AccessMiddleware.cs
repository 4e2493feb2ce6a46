namespace Director.Host.Management;

/// <summary>Turns away whoever <see cref="WriteAccess"/> objects to, before anything of the request is read.</summary>
internal sealed class AccessMiddleware(RequestDelegate next, WriteAccess access)
{
    public Task InvokeAsync(HttpContext context) => access.Object(context) is { } objection
        ? Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "Forbidden", objection)
        : next(context);
}
