namespace Director.Host.Configuration;

/// <summary><c>director.connection-sync</c>.</summary>
/// <param name="Strict">A connection's first packet waits until a standby has its entry.</param>
/// <param name="StrictTimeout">At most so long.</param>
public sealed record ConnectionSyncOptions(bool Strict, TimeSpan StrictTimeout)
{
    public static readonly ConnectionSyncOptions Default = new(false, TimeSpan.FromMilliseconds(50));

    internal static ConnectionSyncOptions Read(Section sync) => new(
        sync.Choice("mode", "async", "strict") == "strict",
        sync.Duration("strict-timeout", Default.StrictTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(1)));
}
