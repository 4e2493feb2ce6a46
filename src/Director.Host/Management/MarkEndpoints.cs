using System.Collections.Immutable;
using Director.Host.Marks;
using Director.Model;

namespace Director.Host.Management;

/// <summary><c>/api/v1/marks</c>: the rules that mark packets for firewall-mark services, in iptables' notation.</summary>
internal static class MarkEndpoints
{
    public static void MapMarks(this IEndpointRouteBuilder app)
    {
        RouteGroupBuilder marks = app.MapGroup("/api/v1/marks").WithTags("marks");

        marks.MapGet("", (EngineReadings readings) => Listing(readings))
            .Produces<MarksListing>().WithSummary("Every mark rule in the order in which they apply (director mark list)");

        marks.MapPost("", AddAsync)
            .Accepts<MarkLine>("application/json").Produces<MarksListing>(StatusCodes.Status201Created)
            .WithSummary("Add a rule behind the others; lists of addresses make several of it (director mark add)");

        marks.MapDelete("", (string? rule, HttpContext context, ServiceCommands commands) =>
                rule is null ? commands.ExecuteAsync(new ClearMarks(), context, Results.NoContent) : DeleteAsync(rule, context, commands))
            .Produces(StatusCodes.Status204NoContent).WithSummary("Delete every rule that was added, or the one that is written so (director mark clear, delete)");

        marks.MapDelete("/{number:int}", (int number, HttpContext context, ServiceCommands commands) =>
                commands.ExecuteAsync(new DeleteMark(number), context, Results.NoContent))
            .Produces(StatusCodes.Status204NoContent).WithSummary("Delete a rule by its number (director mark delete)");

        marks.MapPost("/import", ImportAsync)
            .Accepts<MarkImport>("application/json").Produces<MarkImportResult>().WithSummary("Take over the host's own mangle/PREROUTING rules (director mark import)");
    }

    private static IResult Listing(EngineReadings readings, int status = StatusCodes.Status200OK) =>
        Json.Of(new MarksListing(readings.Live.Table.Marks.List()), DirectorJson.Default.MarksListing, status);

    private static async Task<IResult> AddAsync(HttpContext context, ServiceCommands commands, EngineReadings readings)
    {
        MarkLine line = await Json.ReadAsync(context, DirectorJson.Default.MarkLine);
        return MarkRule.TryParse(line.Rule, out ImmutableArray<MarkRule> rules, out string? error)
            ? await commands.ExecuteAsync(new AddMarks([.. rules]), context, () => Listing(readings, StatusCodes.Status201Created))
            : NoRule(error);
    }

    private static async Task<IResult> DeleteAsync(string rule, HttpContext context, ServiceCommands commands) =>
        MarkRule.TryParse(rule, out ImmutableArray<MarkRule> rules, out string? error)
            ? await commands.ExecuteAsync(new DeleteMarks([.. rules]), context, Results.NoContent)
            : NoRule(error);

    private static async Task<IResult> ImportAsync(HttpContext context, ServiceCommands commands, EngineReadings readings, IHostMarkSource host)
    {
        MarkImport import = await Json.ReadAsync(context, DirectorJson.Default.MarkImport);
        HostMarks found = await host.ReadAsync(context.RequestAborted);
        if (found.Trouble is { } trouble)
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "The host's rules could not be read", trouble);
        MarkImportResult plan = MarkTakeover.Plan(found, readings.Live.Table.Marks);
        return import.DryRun || plan.Added.Length == 0
            ? Answer(plan)
            : await commands.ExecuteAsync(new AddMarks(plan.Added), context, () => Answer(plan));
    }

    private static IResult Answer(MarkImportResult result) => Json.Of(result, DirectorJson.Default.MarkImportResult);

    private static IResult NoRule(string error) => Problems.Of(StatusCodes.Status400BadRequest, "Not a mark rule", error);
}
