namespace Director.Actors.Journal;

/// <summary>The journal cannot be used; the message names the file and says what is wrong and what to do. Nothing was written.</summary>
public sealed class JournalException : Exception
{
    public JournalException()
    {
    }

    public JournalException(string message)
        : base(message)
    {
    }

    public JournalException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
