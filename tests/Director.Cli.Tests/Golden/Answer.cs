using Director.Cli.Ipvsadm;
using Director.Cli.Transport;

namespace Director.Cli.Tests.Golden;

/// <summary>What a command line came to.</summary>
internal sealed record Answer(int ExitCode, string Output, string Errors)
{
    public static async Task<Answer> OfAsync(IDirectorApi director, IReadOnlyList<string> arguments, string? input = null)
    {
        StringWriter output = new() { NewLine = "\n" };
        StringWriter errors = new() { NewLine = "\n" };
        int exitCode = await new IpvsadmProgram("ipvsadm", director, new RecordedNames()).RunAsync(arguments, new StringReader(input ?? ""), output, errors);
        return new Answer(exitCode, output.ToString(), errors.ToString());
    }

    public static Task<Answer> OfAsync(IDirectorApi director, string line, string? input = null) =>
        OfAsync(director, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), input);
}
