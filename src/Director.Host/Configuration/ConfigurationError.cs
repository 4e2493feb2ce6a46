namespace Director.Host.Configuration;

/// <summary>One thing wrong with a configuration file, where, and at which key (empty for the file as a whole).</summary>
public sealed record ConfigurationError(string File, int Line, string Key, string Text)
{
    public override string ToString() => Key.Length == 0 ? $"{File}:{Line}: {Text}" : $"{File}:{Line}: {Key}: {Text}";
}
