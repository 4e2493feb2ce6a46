namespace Director.Actors.Cluster.Wire;

/// <summary>
/// What a message from another director becomes that this one cannot read. It takes the message's way, so that whoever gets it can
/// name the sender; an exception instead could end the association that all the other messages use.
/// </summary>
/// <param name="Manifest">The message's name and version.</param>
/// <param name="Fault">What is wrong with its bytes; null: this version does not know the manifest.</param>
public sealed record UnreadableMessage(string Manifest, string? Fault)
{
    /// <summary>For the log.</summary>
    /// <param name="peer">Who sent it: its address.</param>
    public string Describe(string peer) => Fault is null
        ? $"{peer} sent a message '{Manifest}', which this version does not know: it runs a newer version. The message was dropped"
        : $"{peer} sent a message '{Manifest}' that is damaged: {Fault}. The message was dropped";
}
