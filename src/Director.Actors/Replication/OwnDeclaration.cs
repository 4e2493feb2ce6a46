using Akka.Actor;
using Director.Actors.Services;

namespace Director.Actors.Replication;

/// <summary>
/// What this director's configuration declares, until it is known whether it is to be applied. Among several directors that is not
/// before the owner is known: a standby that starts must not edit, and must not keep anybody waiting either.
/// </summary>
/// <param name="Asked">What is declared.</param>
/// <param name="ReplyTo">Waits for the answer; nobody: was answered.</param>
/// <param name="Since">When it was declared, in milliseconds.</param>
public sealed record OwnDeclaration(Declare Asked, IActorRef ReplyTo, long Since)
{
    /// <summary>How long the owner is waited for before this director takes itself for one that is alone, in milliseconds.</summary>
    public const long Patience = 10_000;

    /// <summary>How long the answer waits, in milliseconds.</summary>
    public const long AnswerWithin = 3000;

    /// <param name="owner">The director takes edits under an ownership that is known, or the owner's table has come here.</param>
    /// <param name="now">Milliseconds.</param>
    public bool IsDue(bool owner, long now) => owner || now - Since >= Patience;

    /// <summary>Somebody else is the owner, or it takes too long: whoever waits is told that nothing was refused.</summary>
    public bool IsAnsweredBefore(bool otherOwns, long now) => !ReplyTo.IsNobody() && (otherOwns || now - Since >= AnswerWithin);
}
