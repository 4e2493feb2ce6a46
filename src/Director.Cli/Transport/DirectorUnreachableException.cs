namespace Director.Cli.Transport;

internal enum UnreachableReason
{
    /// <summary>Nobody listens at the socket.</summary>
    NoDirector,
    /// <summary>The socket is not for this user.</summary>
    PermissionDenied,
    /// <summary>There is an answer, but not one that this version can use.</summary>
    BadAnswer,
}

/// <summary>The director did not answer as a director does; the message is for people.</summary>
internal sealed class DirectorUnreachableException(UnreachableReason reason, string message, Exception? inner = null) : Exception(message, inner)
{
    public UnreachableReason Reason { get; } = reason;
}
