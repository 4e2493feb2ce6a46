using Director.Actors.Election;
using Director.Host.Configuration;
using Director.Model;

namespace Director.Host.Management;

/// <summary>The election as the API and the status show it.</summary>
internal sealed class ElectionReadings(LiveElection live, DirectorOptions options)
{
    public ElectionListing Listing()
    {
        if (options.Cluster is null)
            return new ElectionListing("alone", 0, 0, "no other director is configured", 0, [], [], options.Name);
        ElectionView now = live.Current;
        ElectionStatus status = now.Status;
        return new ElectionListing(
            Role(status.Phase), status.Epoch, status.SinceMilliseconds / 1000, status.Reason, now.TakeOvers,
            [.. status.Peers.Select(peer => new ElectionPeerListing(
                now.NameOf(peer.Id), Role(peer.Phase), peer.Epoch, Known(peer.HeardOnSegment), Known(peer.HeardOverCluster)))],
            status.Warnings,
            now.OwnerName,
            status.GapMilliseconds < 0 ? null : status.GapMilliseconds);
    }

    private static long? Known(long milliseconds) => milliseconds < 0 ? null : milliseconds;

    private static string Role(ElectionPhase phase) => phase switch
    {
        ElectionPhase.Owner => "owner",
        ElectionPhase.Probing => "probing",
        _ => "standby",
    };
}
