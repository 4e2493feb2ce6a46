namespace Director.Cli.Transport;

/// <summary>Where the director listens: <c>--socket</c>, else DIRECTOR_SOCKET, else the default.</summary>
internal static class DirectorSocket
{
    public const string Variable = "DIRECTOR_SOCKET";

    public const string Default = "/run/director/director.sock";

    public static string Find(string? option = null) =>
        option ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : Default);
}
