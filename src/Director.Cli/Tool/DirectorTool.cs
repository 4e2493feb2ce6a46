using System.CommandLine;
using Director.Cli.Tool.Certificates;
using Director.Cli.Tool.RealServers;
using Director.Cli.Transport;
using Director.Model;
using Spectre.Console;

namespace Director.Cli.Tool;

/// <summary>The program <c>director</c>: its commands and options.</summary>
internal static class DirectorTool
{
    /// <summary>The director is not ready, cannot be reached, or refused.</summary>
    public const int NotReady = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        ParseResult parsed = Parse(arguments);
        int exitCode = await parsed.InvokeAsync().ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? Usage : exitCode;
    }

    internal static ParseResult Parse(IReadOnlyList<string> arguments) =>
        // No response files: an @ may begin a rule's comment.
        Build().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });

    internal static RootCommand Build()
    {
        Option<string?> socket = new("--socket")
        {
            Description = $"The director's socket; default ${DirectorSocket.Variable}, else {DirectorSocket.Default}",
            HelpName = "PATH",
            Recursive = true,
        };
        return new RootCommand("Shows and steers the director of this host. For services and real servers use ipvsadm.")
        {
            socket,
            Status(socket),
            Check(),
            FailOver(socket),
            MarkCommands.Build(socket),
            SettingCommands.Build(socket),
            RealServerCommand.Build(),
            CertificatesCommand.Build(),
        };
    }

    private static Command Status(Option<string?> socket)
    {
        Option<bool> json = new("--json") { Description = "As JSON, for programs" };
        Command command = new("status", "Show how the director and its engine are; exit code 1 unless it is ready") { json };
        command.SetAction(async (parsed, _) =>
        {
            using DirectorApiClient director = new(DirectorSocket.Find(parsed.GetValue(socket)));
            try
            {
                DirectorStatus status = await director.GetStatusAsync().ConfigureAwait(false);
                if (parsed.GetValue(json))
                    StatusView.WriteJson(status, Console.Out);
                else
                    StatusView.Write(status, AnsiConsole.Console);
                return status.Ready ? 0 : NotReady;
            }
            catch (DirectorUnreachableException e)
            {
                await Console.Error.WriteLineAsync($"director: {e.Message}").ConfigureAwait(false);
                return NotReady;
            }
        });
        return command;
    }

    private static Command FailOver(Option<string?> socket)
    {
        Option<string?> to = new("--to") { Description = "The director that is to own; default: the best", HelpName = "NAME" };
        Command command = new("failover", "Hand the addresses over to another director, while this one owns them") { to };
        command.SetAction((parsed, _) => DirectorCall.RunAsync(parsed, socket, async (director, output) =>
        {
            FailOverResult result = await director.FailOverAsync(parsed.GetValue(to)).ConfigureAwait(false);
            await output.WriteLineAsync($"{result.Owner} owns the addresses now").ConfigureAwait(false);
            return 0;
        }));
        return command;
    }

    private static Command Check()
    {
        Option<string> config = new("--config") { Description = "The configuration to examine", HelpName = "FILE", Required = true };
        Command command = new("check", "Examine a configuration without starting anything (directord --check)") { config };
        command.SetAction((parsed, _) => ConfigurationCheck.RunAsync(parsed.GetValue(config)!, Console.Error));
        return command;
    }
}
