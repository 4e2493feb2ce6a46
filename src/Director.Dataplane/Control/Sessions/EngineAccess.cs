namespace Director.Dataplane.Control.Sessions;

/// <summary>How a session gets hold of an engine. Tests put an engine of their own here.</summary>
/// <param name="Connect">To the one that lives.</param>
/// <param name="Start">A new one; null where somebody else does that.</param>
public sealed record EngineAccess(Func<CancellationToken, Task<EngineClient>> Connect, Func<CancellationToken, Task>? Start)
{
    /// <summary>An engine process of this host, attached as director <paramref name="name"/>.</summary>
    public static EngineAccess At(string socketPath, string name, EngineLauncher? launcher, TimeProvider time) => new(
        cancellation => EngineClient.ConnectAsync(socketPath, EngineIdentity.Current(name), time, cancellation),
        launcher is null ? null : cancellation => launcher.StartAsync(socketPath, name, cancellation));
}
