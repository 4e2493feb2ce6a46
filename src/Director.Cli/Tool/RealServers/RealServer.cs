namespace Director.Cli.Tool.RealServers;

/// <summary>A real server as a forwarding method wants it to be.</summary>
internal abstract record RealServer
{
    public abstract SetupScript Script();
}
