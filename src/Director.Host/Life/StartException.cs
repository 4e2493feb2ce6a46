namespace Director.Host.Life;

/// <summary>directord cannot start; the message says what is wrong and what to do. Exit code 1.</summary>
public sealed class StartException : Exception
{
    public StartException()
    {
    }

    public StartException(string message)
        : base(message)
    {
    }

    public StartException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
