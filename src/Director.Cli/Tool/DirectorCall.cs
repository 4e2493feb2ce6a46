using System.CommandLine;
using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Tool;

/// <summary>A command of the tool that asks the director.</summary>
internal static class DirectorCall
{
    /// <summary>Does it and gives the exit code; a director that does not answer is told.</summary>
    public static async Task<int> RunAsync(ParseResult parsed, Option<string?> socket, Func<DirectorApiClient, TextWriter, Task<int>> call)
    {
        using DirectorApiClient director = new(DirectorSocket.Find(parsed.GetValue(socket)));
        try
        {
            return await call(director, parsed.InvocationConfiguration.Output).ConfigureAwait(false);
        }
        catch (DirectorUnreachableException e)
        {
            return Fail(parsed, e.Message);
        }
    }

    /// <summary>One command; what the director has against it is told.</summary>
    public static Task<int> ExecuteAsync(ParseResult parsed, Option<string?> socket, DirectorCommand command) => RunAsync(parsed, socket, async (director, _) =>
    {
        CommandResult result = (await director.ExecuteAsync(new CommandBatch([command])).ConfigureAwait(false)).Results[0];
        return result.Succeeded ? 0 : Fail(parsed, result.Detail ?? result.Error.ToString());
    });

    /// <summary>What is wrong with the command line.</summary>
    public static int Wrong(ParseResult parsed, string text)
    {
        parsed.InvocationConfiguration.Error.WriteLine($"director: {text}");
        return DirectorTool.Usage;
    }

    private static int Fail(ParseResult parsed, string text)
    {
        parsed.InvocationConfiguration.Error.WriteLine($"director: {text}");
        return DirectorTool.NotReady;
    }
}
