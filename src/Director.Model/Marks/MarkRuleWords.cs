using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Director.Model;

/// <summary>Cuts a line into words as a shell and iptables-restore do: blanks, <c>"..."</c> with backslashes, <c>'...'</c>.</summary>
internal static class MarkRuleWords
{
    public static bool TrySplit(string text, out IReadOnlyList<string> words, [NotNullWhen(false)] out string? error)
    {
        List<string> found = [];
        words = found;
        error = null;
        StringBuilder word = new();
        bool inWord = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is '"' or '\'')
            {
                inWord = true;
                if (!TryQuoted(text, ref i, word))
                {
                    error = $"the quote {c} is never closed";
                    return false;
                }
            }
            else if (c == '\\' && i + 1 < text.Length)
            {
                inWord = true;
                word.Append(text[++i]);
            }
            else if (!char.IsWhiteSpace(c))
            {
                inWord = true;
                word.Append(c);
            }
            else if (inWord)
            {
                found.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }
        if (inWord)
            found.Add(word.ToString());
        return true;
    }

    /// <summary>One word again, as iptables-save writes it.</summary>
    public static string Quote(string word)
    {
        if (word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            return word;
        StringBuilder quoted = new("\"");
        foreach (char c in word)
            quoted.Append(c is '"' or '\\' or '\'' ? "\\" : "").Append(c);
        return quoted.Append('"').ToString();
    }

    // From the opening quote to the closing one.
    private static bool TryQuoted(string text, ref int at, StringBuilder word)
    {
        char quote = text[at];
        for (at++; at < text.Length && text[at] != quote; at++)
        {
            if (quote == '"' && text[at] == '\\' && at + 1 < text.Length)
                at++;
            word.Append(text[at]);
        }
        return at < text.Length;
    }
}
