namespace Director.Actors.Cluster;

/// <summary>To the <see cref="ClusterActor"/>: answered with <see cref="ClusterStarted"/> once it listens for other directors, or cannot.</summary>
public sealed record AwaitCluster;

/// <param name="Failure">Null: it listens. Else what is wrong.</param>
public sealed record ClusterStarted(string? Failure);

/// <summary>To the <see cref="ClusterActor"/>: tell the peers, leave the cluster, end the link. Answered with <see cref="ClusterStopped"/>.</summary>
public sealed record StopCluster(string Detail);

public sealed record ClusterStopped;

/// <summary>An operator's word to the <see cref="ClusterActor"/>; answered with <see cref="MemberCommandTaken"/> when it is on its way.</summary>
public abstract record MemberCommand(string Address)
{
    /// <summary>Join the cluster of the director at the address.</summary>
    public sealed record Join(string Address) : MemberCommand(Address);

    /// <summary>Leave in good order. A director that was told so stays outside until it is told to join, or is started anew.</summary>
    public sealed record Leave(string Address) : MemberCommand(Address);

    /// <summary>Declare it dead. If it lives it will join anew.</summary>
    public sealed record Down(string Address) : MemberCommand(Address);
}

/// <param name="Failure">Null: it is on its way.</param>
public sealed record MemberCommandTaken(string? Failure);
