using System.Collections.Immutable;
using Akka.Actor;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Cluster;

/// <summary>What the <see cref="ClusterActor"/> runs by.</summary>
public sealed record ClusterSettings
{
    /// <summary>The versions of messages between directors that this version speaks. There is none before 1 yet.</summary>
    public static readonly ProtocolRange Supported = new(1, 1);

    /// <summary><c>director.name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program's.</summary>
    public required string Version { get; init; }

    /// <summary>As written in <c>akka.cluster.seed-nodes</c>: where to look for other directors.</summary>
    public required ImmutableArray<string> Contacts { get; init; }

    /// <summary>Creates the actor system of a link, by <see cref="Link.LinkHocon"/>. Throws if it cannot listen.</summary>
    public required Func<ActorSystem> CreateLink { get; init; }

    /// <summary>Draws a link's incarnation.</summary>
    public required Func<ulong> Draw { get; init; }

    /// <summary>See <see cref="ContactHello.ConfigurationDigest"/>.</summary>
    public string ConfigurationDigest { get; init; } = "";

    /// <summary>See <see cref="ContactHello.KeyFingerprint"/>.</summary>
    public string KeyFingerprint { get; init; } = "";

    public ImmutableArray<string> Interfaces { get; init; } = [];

    /// <summary>Between two signs of life to each peer.</summary>
    public TimeSpan BeatInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    public ProtocolRange Protocols { get; init; } = Supported;

    /// <summary>What the director says of itself now.</summary>
    internal ContactHello Introduce(string address, ulong incarnation, TimeSpan uptime, ImmutableArray<ClusterMember> members) => new()
    {
        Name = Name,
        Address = address,
        Incarnation = incarnation,
        Uptime = (ulong)uptime.TotalMilliseconds,
        Protocols = Protocols,
        Version = Version,
        Members = members,
        ConfigurationDigest = ConfigurationDigest,
        KeyFingerprint = KeyFingerprint,
        Interfaces = Interfaces,
    };
}
