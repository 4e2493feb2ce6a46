using System.Globalization;
using Akka.Cluster;
using Director.Actors.Cluster;
using Director.Host.Configuration;

namespace Director.Host.Management;

/// <summary>The cluster as this director sees it. A director alone is a cluster of one, by the address that it would have in one.</summary>
internal sealed class ClusterReadings(LiveCluster live, DirectorOptions options, Akka.Actor.ActorSystem system)
{
    public bool IsAlone => options.Cluster is null;

    public ClusterSnapshot Current => live.Current;

    public ClusterView View => live.Current.View is { Self.Length: > 0 } view ? view : IsAlone ? Alone() : new ClusterView { Self = Address() };

    /// <summary>By full address or <c>system@host:port</c>, encoded or not.</summary>
    public MemberView? Find(string address) => Uri.UnescapeDataString(address) is var text
        ? View.Members.FirstOrDefault(member => member.Member.Address == text || member.Member.Address.EndsWith($"//{text}", StringComparison.Ordinal))
        : null;

    private ClusterView Alone()
    {
        // One incarnation, one number.
        int uid = (int)(system.StartTime.TotalMilliseconds % int.MaxValue);
        string self = Address();
        return new ClusterView { Self = self, SelfUid = uid, Leader = self, Members = [new MemberView(new ClusterMember(self, uid, MemberStatus.Up, true), [])] };
    }

    private string Address()
    {
        const string transport = "akka.remote.dot-netty.tcp";
        string host = options.Akka.GetString($"{transport}.hostname", "");
        return host.Length == 0
            ? "akka://director"
            : string.Create(CultureInfo.InvariantCulture, $"akka.tcp://director@{host}:{options.Akka.GetInt($"{transport}.port", 4053)}");
    }
}
