using System.Text.Json;
using Akka.Actor;
using Director.Dataplane.Control;
using Microsoft.AspNetCore.WebUtilities;

namespace Director.Host.Management;

/// <summary>Whatever goes wrong below, and whatever no route answers, leaves as problem+json.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await AnswerAsync(context, e);
            return;
        }
        // 404 without a route, 405 with another method.
        if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
            await Problems.WriteAsync(context, context.Response.StatusCode, ReasonPhrases.GetReasonPhrase(context.Response.StatusCode), $"{context.Request.Method} {context.Request.Path}");
    }

    private Task AnswerAsync(HttpContext context, Exception failure)
    {
        switch (failure)
        {
            case JsonException json:
                return Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not what it should be", Json.Describe(json));
            // What a command without its "command" ends in: the base type is abstract.
            case NotSupportedException:
                return Problems.WriteAsync(context, StatusCodes.Status400BadRequest, "The body is not what it should be", "a command has no \"command\" that says which it is");
            case BadHttpRequestException bad:
                return Problems.WriteAsync(context, bad.StatusCode, ReasonPhrases.GetReasonPhrase(bad.StatusCode), bad.Message);
            case EngineException engine:
                return Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Unavailable", engine.Message);
            case AskTimeoutException:
                return Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Unavailable", "the director did not answer in time");
            default:
                log.LogError(failure, "{Method} {Path} failed", context.Request.Method, context.Request.Path);
                return Problems.WriteAsync(context, StatusCodes.Status500InternalServerError, "Internal error", "see the log of directord");
        }
    }
}
