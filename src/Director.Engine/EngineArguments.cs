using Director.Dataplane.Control;

namespace Director.Engine;

/// <summary>The command line, parsed by hand: the engine carries no more code than it needs.</summary>
internal sealed record EngineArguments(string Socket, string Name, string? Log)
{
    public const string Usage = """
        usage: director-engine --socket PATH --name NAME [--log FILE]
               director-engine --version

        The forwarding engine of a director. directord starts it and controls it through the socket.
          --socket PATH   Unix socket to listen at (created, mode 0600)
          --name NAME     director.name of the directord that may control it
          --log FILE      append the log there (default: stderr)
          --version       print the version and exit
        """;

    /// <summary>Null when there is nothing to run: the answer, or the mistakes with the usage, are printed and the exit code is set.</summary>
    public static EngineArguments? Read(string[] arguments, out int exitCode)
    {
        exitCode = 0;
        if (arguments is ["--version"])
        {
            Console.Out.WriteLine($"director-engine {EngineIdentity.ProductVersion}");
            return null;
        }
        List<string> errors = [];
        if (Parse(arguments, errors) is { } parsed)
            return parsed;
        foreach (string error in errors)
            Console.Error.WriteLine($"director-engine: {error}");
        Console.Error.WriteLine(Usage);
        exitCode = 2;
        return null;
    }

    /// <summary>Null with the mistakes, all of them, in <paramref name="errors"/>.</summary>
    public static EngineArguments? Parse(string[] arguments, List<string> errors)
    {
        Dictionary<string, string> given = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            string option = arguments[i];
            if (option is not ("--socket" or "--name" or "--log"))
                errors.Add($"unknown argument `{option}'");
            else if (i + 1 == arguments.Length)
                errors.Add($"{option} wants a value");
            else if (!given.TryAdd(option, arguments[++i]))
                errors.Add($"{option} is given twice");
        }
        string? socket = given.GetValueOrDefault("--socket");
        string? name = given.GetValueOrDefault("--name");
        if (string.IsNullOrEmpty(socket))
            errors.Add("--socket PATH is missing");
        if (string.IsNullOrEmpty(name))
            errors.Add("--name NAME is missing");
        return errors.Count == 0 ? new EngineArguments(Absolute(socket!), name!, given.GetValueOrDefault("--log") is { } log ? Absolute(log) : null) : null;
    }

    // The engine leaves the folder that it was started in.
    private static string Absolute(string path) => Path.GetFullPath(path);
}
