using Akka.Actor;
using Akka.Event;

namespace Director.Actors.Cluster.Link;

/// <summary>
/// A link's log goes into the director's. Akka tells of every attempt to reach somebody and of every connection that ends, several
/// times a second while a peer is away; who comes and goes is told by the <see cref="ClusterActor"/>, once, and so these are left out.
/// What else Akka warns of is told once a minute for each kind, by its first line.
/// </summary>
internal sealed class LinkLog : ReceiveActor
{
    private const int Kind = 30;

    private static readonly TimeSpan OnceIn = TimeSpan.FromMinutes(1);
    private static readonly string[] Noise = ["Tried to associate with unreachable remote address", "Association with remote system", "Disassociated", "Association to ["];

    private readonly Dictionary<string, DateTime> _told = new(StringComparer.Ordinal);
    private readonly EventStream _director;

    public LinkLog(EventStream director)
    {
        _director = director;
        Receive<LogEvent>(Take);
    }

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(Info));
        Context.System.EventStream.Subscribe(Self, typeof(Warning));
        Context.System.EventStream.Subscribe(Self, typeof(Error));
    }

    private void Take(LogEvent log)
    {
        if (log.LogClass.Namespace?.StartsWith("Director.", StringComparison.Ordinal) == true)
        {
            _director.Publish(log);
            return;
        }
        string text = log.Message.ToString() ?? "";
        if (log.LogLevel() < LogLevel.WarningLevel || Array.Exists(Noise, noise => text.StartsWith(noise, StringComparison.Ordinal)))
            return;
        string kind = text[..Math.Min(Kind, text.Length)];
        if (_told.TryGetValue(kind, out DateTime last) && log.Timestamp - last < OnceIn)
            return;
        _told[kind] = log.Timestamp;
        _director.Publish(new Warning(log.LogSource, log.LogClass, text.Split('\n', 2)[0]));
    }
}
