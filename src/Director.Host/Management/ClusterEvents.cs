using System.Text.Json.Nodes;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using Director.Actors.Cluster;

namespace Director.Host.Management;

/// <summary>
/// <c>GET /cluster/domain-events</c>: how the cluster stands, as events, then every change, as server-sent events. <c>?type=</c> takes
/// names of events and of their families (MemberEvent, ReachabilityEvent, ClusterDomainEvent).
/// </summary>
internal static class ClusterEvents
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(10);

    // Who does not read is not waited for.
    private const int Pending = 1000;

    public static async Task StreamAsync(HttpContext context, ActorSystem system, ClusterReadings cluster, TimeProvider time)
    {
        string[] wanted = [.. context.Request.Query["type"].OfType<string>()];
        Channel<ClusterEvent.IClusterDomainEvent> changes = Channel.CreateBounded<ClusterEvent.IClusterDomainEvent>(
            new BoundedChannelOptions(Pending) { FullMode = BoundedChannelFullMode.DropOldest });
        IActorRef ear = system.ActorOf(Props.Create(() => new Ear(changes.Writer)));
        try
        {
            context.Response.ContentType = "text/event-stream";
            foreach ((string type, string family, JsonObject data) in Standing(cluster.View))
                await WriteAsync(context, wanted, type, family, data);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            using PeriodicTimer heartbeat = new(HeartbeatEvery, time);
            Task<bool> beat = heartbeat.WaitForNextTickAsync(context.RequestAborted).AsTask();
            Task<bool> change = changes.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
            while (!context.RequestAborted.IsCancellationRequested)
            {
                if (await Task.WhenAny(beat, change) == beat)
                {
                    await context.Response.WriteAsync("\n", context.RequestAborted);
                    beat = heartbeat.WaitForNextTickAsync(context.RequestAborted).AsTask();
                }
                else
                {
                    while (changes.Reader.TryRead(out ClusterEvent.IClusterDomainEvent? one))
                    {
                        if (Describe(one) is var (type, family, data))
                            await WriteAsync(context, wanted, type, family, data);
                    }
                    change = changes.Reader.WaitToReadAsync(context.RequestAborted).AsTask();
                }
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went away.
        }
        finally
        {
            system.Stop(ear);
        }
    }

    private static async Task WriteAsync(HttpContext context, string[] wanted, string type, string family, JsonObject data)
    {
        if (wanted.Length > 0 && !wanted.Contains(type) && !wanted.Contains(family) && !wanted.Contains("ClusterDomainEvent"))
            return;
        data["type"] = type;
        await context.Response.WriteAsync($"event:{type}\ndata:{data.ToJsonString()}\n\n", context.RequestAborted);
    }

    private static IEnumerable<(string Type, string Family, JsonObject Data)> Standing(ClusterView view)
    {
        foreach (MemberView member in view.Members)
        {
            JsonObject data = new() { ["member"] = ClusterJson.EventMember(member.Member.Address, member.Member.Uid, member.Member.Status.ToString(), member.Roles) };
            yield return ($"Member{Suffix(member.Member.Status)}", "MemberEvent", data);
            if (!member.Member.Reachable)
                yield return ("UnreachableMember", "ReachabilityEvent", (JsonObject)data.DeepClone());
        }
    }

    private static (string Type, string Family, JsonObject Data)? Describe(ClusterEvent.IClusterDomainEvent change)
    {
        switch (change)
        {
            case ClusterEvent.MemberRemoved removed:
                JsonObject data = OfMember(removed.Member);
                data["previousStatus"] = removed.PreviousStatus.ToString();
                return ("MemberRemoved", "MemberEvent", data);
            case ClusterEvent.IMemberEvent moved:
                return ($"Member{Suffix(moved.Member.Status)}", "MemberEvent", OfMember(moved.Member));
            case ClusterEvent.ReachabilityEvent reached:
                return (reached is ClusterEvent.ReachableMember ? "ReachableMember" : "UnreachableMember", "ReachabilityEvent", OfMember(reached.Member));
            case ClusterEvent.LeaderChanged led:
                return ("LeaderChanged", "LeaderChanged", led.Leader is { } leader ? new JsonObject { ["address"] = leader.ToString() } : []);
            default:
                return null;
        }
    }

    // The events are called MemberLeft and MemberDowned, the statuses Leaving and Down.
    private static string Suffix(MemberStatus status) => status switch
    {
        MemberStatus.Joining => "Joined",
        MemberStatus.Leaving => "Left",
        MemberStatus.Exiting => "Exited",
        MemberStatus.Down => "Downed",
        _ => status.ToString(),
    };

    private static JsonObject OfMember(Member member) => new()
    {
        ["member"] = ClusterJson.EventMember(member.Address.ToString(), member.UniqueAddress.Uid, member.Status.ToString(), member.Roles),
    };

    private sealed class Ear : ReceiveActor
    {
        public Ear(ChannelWriter<ClusterEvent.IClusterDomainEvent> changes) => Receive<ClusterEvent.IClusterDomainEvent>(change => changes.TryWrite(change));

        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(ClusterEvent.IClusterDomainEvent));
    }
}
