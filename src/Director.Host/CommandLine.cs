using Director.Dataplane.Control;

namespace Director.Host;

/// <summary>What directord was asked on its command line: run or check a file, or an answer at once.</summary>
internal sealed record CommandLine(string File, bool CheckOnly, string? Answer = null, int ExitCode = 0)
{
    private const string Usage = """
        usage: directord --config FILE     run the director, in the foreground
               directord --check FILE      only check the configuration
               directord --version         print the version
        """;

    public static CommandLine Parse(string[] arguments) => arguments switch
    {
        ["--config", var file] => new CommandLine(file, CheckOnly: false),
        ["--check", var file] => new CommandLine(file, CheckOnly: true),
        ["--version"] => Say($"directord {EngineIdentity.ProductVersion}", 0),
        ["--help" or "-h"] => Say(Usage, 0),
        ["--config" or "--check"] => Say($"directord: {arguments[0]} wants a file\n{Usage}", 2),
        [] => Say(Usage, 2),
        _ => Say($"directord: cannot make sense of '{string.Join(' ', arguments)}'\n{Usage}", 2),
    };

    private static CommandLine Say(string text, int exitCode) => new("", false, text, exitCode);
}
