using Akka.Actor;
using Akka.Event;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// A link's log goes into the director's. Akka tells of every attempt to reach somebody and of every connection that ends, several
/// times a second while a peer is away; who comes and goes is told by the <see cref="ClusterActor"/>, once, and so these are left out.
/// </summary>
internal sealed class LinkLog : ReceiveActor
{
    private static readonly string[] Noise = ["Tried to associate with unreachable remote address", "Association with remote system", "Disassociated", "Association to ["];

    public LinkLog(EventStream director) => Receive<LogEvent>(Worth, director.Publish);

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Info));
        Context.System.EventStream.Subscribe(Self, typeof(Warning));
        Context.System.EventStream.Subscribe(Self, typeof(Error));
    }

    private static bool Worth(LogEvent log) =>
        log.LogClass.Namespace?.StartsWith("Director.", StringComparison.Ordinal) == true
        || (log.LogLevel() >= LogLevel.WarningLevel && log.Message.ToString() is { } text && !Array.Exists(Noise, noise => text.StartsWith(noise, StringComparison.Ordinal)));
}
