using Director.Actors.Forwarding;
using Director.Host.Configuration;
using Director.Host.Life;

namespace Director.Host.Management;

/// <summary>Once the API listens: who may connect to the socket, and the line that scripts wait for.</summary>
internal static class ManagementReady
{
    public static void Announce(WebApplication app, DirectorOptions options)
    {
        ILogger log = app.Services.GetRequiredService<ILogger<DirectorLife>>();
        ManagementSocket.Protect(options.ManagementSocket, log);
        LiveSnapshot live = app.Services.GetRequiredService<LiveDirector>().Current;
        log.LogInformation(
            "ready: director {Name} serves {Services} services, revision {Revision}, at {Socket} and {Address}",
            options.Name, live.Table.Count, live.Revision, options.ManagementSocket, app.Urls.LastOrDefault(url => !url.Contains("unix:", StringComparison.Ordinal)));
    }
}
