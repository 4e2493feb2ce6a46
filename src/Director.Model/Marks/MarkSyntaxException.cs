namespace Director.Model;

/// <summary>A mark rule is not written as it must be; the message names the option. Never leaves the parser.</summary>
internal sealed class MarkSyntaxException(string message) : Exception(message);
