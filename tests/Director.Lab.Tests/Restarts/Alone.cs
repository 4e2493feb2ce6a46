namespace Director.Lab.Tests.Restarts;

/// <summary>Labs that need the machine for themselves: their load is heavy, or their deadlines are short.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
