using System.Globalization;
using System.Text;

namespace Director.Host.Configuration;

/// <summary>
/// Where each key of a HOCON text stands, and whether its brackets and quotes close. Akka's parser gives values without
/// positions, takes stray and missing braces in silence and never returns from an unclosed <c>[</c>: so this reads first.
/// It understands structure only; values are the parser's.
/// </summary>
public sealed class HoconOutline
{
    private readonly string _text;
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);
    private readonly List<(int Line, string Text)> _errors = [];
    private int _at;
    private int _line = 1;

    private HoconOutline(string text) => _text = text;

    /// <summary>Paths as <c>director.engine.fast-path</c>, <c>director.services[0].address</c>, with the line of their last mention.</summary>
    public IReadOnlyDictionary<string, int> Lines => _lines;

    public IReadOnlyList<(int Line, string Text)> Errors => _errors;

    public static HoconOutline Of(string text)
    {
        HoconOutline outline = new(text);
        outline.ReadRoot();
        return outline;
    }

    /// <summary>The line of a key, or of the closest one around it.</summary>
    public int LineOf(string path)
    {
        for (string at = path; at.Length > 0; at = Parent(at))
        {
            if (_lines.TryGetValue(at, out int line))
                return line;
        }
        return 1;
    }

    private static string Parent(string path)
    {
        int cut = Math.Max(path.LastIndexOf('.'), path.LastIndexOf('['));
        return cut < 0 ? "" : path[..cut];
    }

    private char Current => _at < _text.Length ? _text[_at] : '\0';

    private bool AtEnd => _at >= _text.Length;

    private void ReadRoot()
    {
        SkipSeparators();
        bool braced = Current == '{';
        if (braced)
        {
            ReadBraced("");
            SkipSeparators();
        }
        while (!AtEnd && _errors.Count == 0)
        {
            ReadMembers("");
            if (AtEnd || _errors.Count > 0)
                return;
            Fail(_line, $"'{Current}' closes nothing that was opened");
        }
    }

    // Up to a closing brace or the end.
    private void ReadMembers(string prefix)
    {
        for (SkipSeparators(); !AtEnd && Current is not ('}' or ']') && _errors.Count == 0; SkipSeparators())
        {
            int line = _line;
            string key = ReadKey();
            if (_errors.Count > 0)
                return;
            string path = prefix.Length == 0 ? key : $"{prefix}.{key}";
            Note(path, line);
            if (Current == '{')
                ReadValue(path);
            else if (Current is '=' or ':')
            {
                _at++;
                SkipBlanks();
                ReadValue(path);
            }
            else if (!key.StartsWith("include ", StringComparison.Ordinal))
                Fail(line, $"'{key}' has no value (expected = or {{ after it)");
        }
    }

    private string ReadKey()
    {
        StringBuilder key = new();
        while (!AtEnd && Current is not ('=' or ':' or '{' or '\n' or '}' or ']' or ',') && !AtComment())
        {
            if (Current == '"')
                key.Append(ReadQuoted());
            else if (Current == '+' && _at + 1 < _text.Length && _text[_at + 1] == '=')
                _at++;
            else
                key.Append(_text[_at++]);
            if (_errors.Count > 0)
                break;
        }
        return key.ToString().Trim();
    }

    private void ReadValue(string path)
    {
        while (!AtEnd && _errors.Count == 0 && !AtComment())
        {
            switch (Current)
            {
                case '\n' or ',' or '}' or ']':
                    return;
                case '{':
                    ReadBraced(path);
                    break;
                case '[':
                    ReadArray(path);
                    break;
                case '"':
                    ReadQuoted();
                    break;
                case '$' when _at + 1 < _text.Length && _text[_at + 1] == '{':
                    int close = _text.IndexOf('}', _at);
                    if (close < 0)
                        Fail(_line, "the substitution ${ is never closed");
                    else
                        _at = close + 1;
                    break;
                default:
                    _at++;
                    break;
            }
        }
    }

    private void ReadBraced(string path)
    {
        int opened = _line;
        _at++;
        ReadMembers(path);
        Close('}', '{', opened);
    }

    private void ReadArray(string path)
    {
        int opened = _line;
        _at++;
        int index = 0;
        for (SkipSeparators(); !AtEnd && Current is not (']' or '}') && _errors.Count == 0; SkipSeparators())
        {
            string element = string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]");
            Note(element, _line);
            ReadValue(element);
        }
        Close(']', '[', opened);
    }

    private void Close(char expected, char opening, int opened)
    {
        if (_errors.Count > 0)
            return;
        if (Current == expected)
            _at++;
        else
            Fail(opened, AtEnd ? $"the '{opening}' opened here is never closed" : $"the '{opening}' opened here is closed by '{Current}' in line {_line}");
    }

    private string ReadQuoted()
    {
        int opened = _line;
        bool triple = _text.AsSpan(_at).StartsWith("\"\"\"", StringComparison.Ordinal);
        int start = _at + (triple ? 3 : 1);
        int end = start;
        while (end < _text.Length)
        {
            if (triple ? _text.AsSpan(end).StartsWith("\"\"\"", StringComparison.Ordinal) : _text[end] == '"')
                break;
            if (!triple && _text[end] == '\n')
            {
                end = _text.Length;
                break;
            }
            end += !triple && _text[end] == '\\' ? 2 : 1;
        }
        if (end >= _text.Length)
        {
            Fail(opened, "the string that starts here is never closed");
            return "";
        }
        string content = _text[start..end];
        _line += content.Count(c => c == '\n');
        _at = end + (triple ? 3 : 1);
        return content;
    }

    private bool AtComment() => Current == '#' || (Current == '/' && _at + 1 < _text.Length && _text[_at + 1] == '/');

    private void SkipBlanks()
    {
        while (Current is ' ' or '\t' or '\r')
            _at++;
    }

    private void SkipSeparators()
    {
        while (!AtEnd)
        {
            if (AtComment())
            {
                while (!AtEnd && Current != '\n')
                    _at++;
            }
            else if (Current == '\n')
            {
                _line++;
                _at++;
            }
            else if (char.IsWhiteSpace(Current) || Current is ',' or '\uFEFF')
                _at++;
            else
                return;
        }
    }

    // a.b.c = 1 also mentions a and a.b.
    private void Note(string path, int line)
    {
        _lines[path] = line;
        for (string around = Parent(path); around.Length > 0 && !_lines.ContainsKey(around); around = Parent(around))
            _lines[around] = line;
    }

    private void Fail(int line, string text)
    {
        _errors.Add((line, text));
        _at = _text.Length;
    }
}
