using System.Text.Json;
using Akka.Actor;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Replication;

/// <summary>
/// Commands that a standby handed to the owner, until the owner has answered: the asker gets the owner's own answer. Used on the
/// <see cref="ReplicationActor"/>'s thread.
/// </summary>
internal sealed class AskedOwner(Func<string, IActorRef, object, bool> send)
{
    /// <summary>Below the patience of who asks over HTTP, in milliseconds.</summary>
    public const long Patience = 25_000;

    /// <summary>How long an owner is looked for while ownership moves, and how often, in milliseconds.</summary>
    public const long SearchFor = 3000, SearchEvery = 100;

    private readonly Dictionary<ulong, Question> _questions = [];
    private ulong _next;

    /// <param name="Since">When it was asked, in milliseconds.</param>
    /// <param name="Again">When it is handed over once more; null: it is being answered.</param>
    private sealed record Question(Execute Asked, IActorRef ReplyTo, string Owner, long Since, long? Again, Parts Answer);

    public void Ask(Execute asked, IActorRef replyTo, string owner, IActorRef self, long now, long? since = null)
    {
        ulong id = ++_next;
        _questions[id] = new Question(asked, replyTo, owner, since ?? now, null, new Parts());
        byte[] bytes = JsonSerializer.SerializeToUtf8Bytes(asked.Batch, DirectorJson.Default.CommandBatch);
        foreach ((uint part, bool isLast, byte[] each) in Parts.Of(bytes))
        {
            if (!send(owner, self, new ForwardedCommands(id, part, isLast, each)))
                Fail(id, $"{owner}, which owns the addresses, cannot be reached");
        }
    }

    /// <summary>The owner's answer, once all of it is there; null: not yet.</summary>
    public (IActorRef ReplyTo, CommandBatchResult Result)? Take(string from, ForwardedAnswer answer, long now)
    {
        if (!_questions.TryGetValue(answer.Id, out Question? question) || question.Owner != from)
            return null;
        if (!answer.IsOwner)
        {
            _questions[answer.Id] = question with { Again = now + SearchEvery };
            return null;
        }
        if (!question.Answer.Add(answer.Part, answer.Bytes))
            Fail(answer.Id, $"the answer of {from} was damaged: whether the change was made is shown by the listing");
        else if (answer.IsLast)
        {
            _questions.Remove(answer.Id);
            CommandBatchResult? result = JsonSerializer.Deserialize(question.Answer.ToArray(), DirectorJson.Default.CommandBatchResult);
            return (question.ReplyTo, result ?? throw new JsonException("the owner's answer is null"));
        }
        return null;
    }

    /// <summary>The owner went away: what it was asked may have happened or not.</summary>
    public void Lose(string owner)
    {
        foreach (ulong id in _questions.Where(each => each.Value.Owner == owner && each.Value.Again is null).Select(each => each.Key).ToArray())
            Fail(id, $"{owner}, which owned the addresses, went away before it answered: whether the change was made is shown by the listing");
    }

    /// <summary>Those to be asked again, of whoever is the owner by now.</summary>
    public IEnumerable<(Execute Asked, IActorRef ReplyTo, long Since)> Tick(long now)
    {
        List<(Execute, IActorRef, long)> again = [];
        foreach ((ulong id, Question question) in _questions.ToArray())
        {
            if (question.Again is { } at ? now - question.Since > SearchFor : now - question.Since > Patience)
                Fail(id, question.Again is null ? $"{question.Owner}, which owns the addresses, did not answer" : "the addresses are just moving to another director: try again");
            else if (question.Again is not null && now >= question.Again)
            {
                _questions.Remove(id);
                again.Add((question.Asked, question.ReplyTo, question.Since));
            }
        }
        return again;
    }

    private void Fail(ulong id, string why)
    {
        if (!_questions.Remove(id, out Question? question))
            return;
        CommandResult unavailable = new(CommandError.Unavailable, why);
        question.ReplyTo.Tell(new CommandBatchResult([.. question.Asked.Batch.Commands.Select(_ => unavailable)], 0));
    }
}
