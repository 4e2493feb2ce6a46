namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>A command line that cannot be carried out. Its message goes to stderr as it is.</summary>
internal sealed class UsageException(string message, int exitCode = ExitCode.Usage, bool endsRestore = true) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>ipvsadm ends a whole <c>-R</c> for its own errors, but goes on with the next line after one of popt's.</summary>
    public bool EndsRestore { get; } = endsRestore;

    public static UsageException TryHelp(string program) =>
        new($"Try `{program} -h' or '{program} --help' for more information.", Ipvsadm.ExitCode.Refused);
}
