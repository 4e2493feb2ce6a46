namespace Director.Model;

/// <summary>Interfaces that a rule's packets come in by: one name, or with <c>+</c> at its end every name that begins so.</summary>
public sealed record InterfaceMatch(string Name, bool Negated)
{
    /// <summary>IFNAMSIZ without the zero.</summary>
    public const int LongestName = 15;

    public bool Matches(string name) =>
        (Name.EndsWith('+') ? name.StartsWith(Name[..^1], StringComparison.Ordinal) : name == Name) != Negated;

    /// <exception cref="MarkSyntaxException">The message lacks the option's name.</exception>
    internal static InterfaceMatch Parse(string text, bool negated)
    {
        if (text.Length is 0 or > LongestName)
            throw new MarkSyntaxException($"'{text}' cannot be the name of an interface (1 to {LongestName} characters)");
        if (text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/' or '!'))
            throw new MarkSyntaxException($"'{text}' cannot be the name of an interface");
        return new InterfaceMatch(text, negated);
    }
}
