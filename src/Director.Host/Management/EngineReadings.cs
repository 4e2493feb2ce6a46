using Director.Actors.Election;
using Director.Actors.Forwarding;
using Director.Actors.Services;
using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Host.Marks;
using Director.Model;

namespace Director.Host.Management;

/// <summary>What readers ask the engine for, put beside what is configured. While there is no engine the numbers are zero.</summary>
internal sealed class EngineReadings(LiveDirector live, LiveElection election, DirectorOptions options, ServiceCommands services, HostMarkWatch hostMarks, ClusterReadings cluster)
{
    public LiveSnapshot Live => live.Current;

    public IForwardingEngine Engine => Live.Engine ?? throw new EngineException(Live.Trouble);

    public async Task<ServicesListing> ServicesAsync(CancellationToken cancellation)
    {
        LiveSnapshot now = Live;
        Dictionary<ServiceKey, ServiceStatistics> seen = [];
        if (now.Engine is { } engine)
        {
            TableStatistics statistics = await engine.StatisticsAsync(cancellation);
            services.Observed(new Observed(statistics));
            seen = statistics.Services.ToDictionary(service => service.Key);
        }
        return new ServicesListing([.. now.Table.Services.Select(service => List(service, seen.GetValueOrDefault(service.Key)))], DirectorState.ConnectionTableSize);
    }

    public async Task<EngineStatus> EngineStatusAsync(CancellationToken cancellation)
    {
        LiveSnapshot now = Live;
        EngineStatus status = now.Engine is { } engine
            ? await engine.StatusAsync(cancellation)
            : new EngineStatus(false, 0, "", 0, 0, 0, 0, options.Engine.ConnectionLimit, [], [], [], [], [now.Trouble]);
        return status with { Warnings = [.. now.Warnings, .. cluster.Current.Warnings, .. hostMarks.Warnings(now.Table), .. status.Warnings] };
    }

    public async Task<DirectorStatus> StatusAsync(CancellationToken cancellation)
    {
        LiveSnapshot now = Live;
        EngineStatus engine = await EngineStatusAsync(cancellation);
        return new DirectorStatus(
            options.Name, EngineIdentity.ProductVersion, now.Ready, Role(now), now.Revision,
            now.Table.Count, now.Table.Services.Sum(service => service.Servers.Length), engine)
        {
            Peers = [.. cluster.Current.Peers.Select(peer => new PeerStatus(peer.Name, peer.Address))],
        };
    }

    private string Role(LiveSnapshot now) => !now.Ready ? "starting" : election.Current.Status.Phase switch
    {
        ElectionPhase.None => options.Cluster is null ? "owner" : "standby",
        ElectionPhase.Owner => "owner",
        ElectionPhase.Probing => "probing",
        _ => "standby",
    };

    private static ServiceListing List(VirtualService service, ServiceStatistics? seen)
    {
        Dictionary<(System.Net.IPAddress, ushort), ServerStatus> servers =
            seen?.Servers.ToDictionary(server => (server.Address, server.Port)) ?? [];
        return new ServiceListing(service, seen?.Statistics ?? new Statistics(), [.. service.Servers.Select(server =>
            servers.GetValueOrDefault((server.Address, server.Port)) ?? new ServerStatus(server.Address, server.Port, 0, 0, 0, new Statistics()))]);
    }
}
