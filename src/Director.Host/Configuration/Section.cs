using System.Globalization;
using Akka.Configuration.Hocon;

namespace Director.Host.Configuration;

/// <summary>
/// An object of the configuration, read key by key: each reader takes a key, checks its value and notes what is wrong; what
/// nobody took is unknown (<see cref="RejectRest"/>).
/// </summary>
public sealed class Section
{
    private readonly IDictionary<string, HoconValue> _items;
    private readonly string _path;
    private readonly Action<string, string> _wrong;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<Section> _inner = [];

    /// <param name="value">Null or no object: an empty one (an error is noted for the latter).</param>
    /// <param name="path">Of this object.</param>
    /// <param name="wrong">Takes the path and the text of a mistake.</param>
    public Section(HoconValue? value, string path, Action<string, string> wrong)
    {
        _path = path;
        _wrong = wrong;
        _items = new Dictionary<string, HoconValue>(StringComparer.Ordinal);
        if (value is null || value.IsEmpty)
            return;
        if (value.IsObject())
            _items = value.GetObject().Items;
        else
            wrong(path, "expected an object in braces");
    }

    public bool Has(string key) => Take(key) is not null;

    /// <summary>Nothing was wrong so far with what stands here; inner objects are asked for themselves.</summary>
    public bool IsSound { get; private set; } = true;

    public void Wrong(string key, string text)
    {
        IsSound = false;
        _wrong(At(key), text);
    }

    public Section Inner(string key)
    {
        Section inner = new(Take(key), At(key), _wrong);
        _inner.Add(inner);
        return inner;
    }

    public string? Text(string key)
    {
        if (Take(key) is not { } value)
            return null;
        if (!value.IsArray() && !value.IsObject() && value.GetString() is { Length: > 0 } text)
            return text;
        Wrong(key, "expected a text");
        return null;
    }

    public string Required(string key, string example)
    {
        if (Text(key) is { } text)
            return text;
        if (!Has(key))
            Wrong(key, $"is missing (for example {key} = {example})");
        return "";
    }

    public long Number(string key, long fallback, long least, long most)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most)
            return number;
        Wrong(key, $"'{text}' is not a whole number from {least} to {most}");
        return fallback;
    }

    public bool Switch(string key, bool fallback)
    {
        if (Text(key) is not { } text)
            return fallback;
        switch (text)
        {
            case "on" or "true" or "yes":
                return true;
            case "off" or "false" or "no":
                return false;
            default:
                Wrong(key, $"'{text}' is neither on nor off");
                return fallback;
        }
    }

    public string Choice(string key, params ReadOnlySpan<string> choices)
    {
        if (Text(key) is not { } text)
            return choices[0];
        if (choices.Contains(text))
            return text;
        Wrong(key, $"'{text}' is none of {string.Join(", ", choices.ToArray())}");
        return choices[0];
    }

    public TimeSpan Duration(string key, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        if (Text(key) is not { } text)
            return fallback;
        if (TryDuration(text, out TimeSpan duration) && duration >= least && duration <= most)
            return duration;
        Wrong(key, $"'{text}' is not a time from {Milliseconds(least)} to {Milliseconds(most)} (written as 40ms or 2s)");
        return fallback;
    }

    /// <summary>A time in whole seconds, as LVS takes them: a bare number is seconds, too.</summary>
    public long Seconds(string key, long fallback, long least, long most)
    {
        if (Text(key) is not { } text)
            return fallback;
        long? unit = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, >= '0' and <= '9' => 1, _ => null };
        ReadOnlySpan<char> digits = char.IsAsciiDigit(text[^1]) ? text : text.AsSpan(0, text.Length - 1);
        // At most ten digits: the product cannot overflow.
        if (unit is { } each && digits.Length <= 10 && long.TryParse(digits.TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            && number * each >= least && number * each <= most)
        {
            return number * each;
        }
        Wrong(key, $"'{text}' is not a time from {least} to {most} seconds (written as 360, 360s or 6m)");
        return fallback;
    }

    public bool IsList(string key) => Take(key) is { } value && (value.IsArray() || IsEmptyList(value));

    /// <summary>Texts of a list; a single text is a list of one.</summary>
    public string[] Texts(string key)
    {
        if (Take(key) is not { } value || IsEmptyList(value))
            return [];
        if (!value.IsArray())
        {
            Wrong(key, "expected a list in square brackets");
            return [];
        }
        IList<HoconValue> elements = value.GetArray();
        string[] texts = new string[elements.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = elements[i].IsArray() || elements[i].IsObject() ? "" : elements[i].GetString();
            if (string.IsNullOrEmpty(texts[i]))
                Wrong($"{key}[{i}]", "expected a text");
        }
        return texts;
    }

    public Section[] Sections(string key)
    {
        if (Take(key) is not { } value || IsEmptyList(value))
            return [];
        if (!value.IsArray())
        {
            Wrong(key, "expected a list in square brackets");
            return [];
        }
        Section[] sections = [.. value.GetArray().Select((element, i) => new Section(element, $"{At(key)}[{i}]", _wrong))];
        _inner.AddRange(sections);
        return sections;
    }

    /// <summary>After everything known was read, here and in the inner ones.</summary>
    public void RejectRest()
    {
        foreach (string key in _items.Keys.Where(key => !_known.Contains(key)))
        {
            string? close = _known.Select(known => (known, Distance: EditDistance(key, known))).Where(near => near.Distance <= 3).MinBy(near => near.Distance).known;
            Wrong(key, close is null ? $"no such setting (here: {string.Join(", ", _known.Order())})" : $"no such setting; did you mean {close}?");
        }
        foreach (Section inner in _inner)
            inner.RejectRest();
    }

    public static bool TryDuration(string text, out TimeSpan duration)
    {
        int digits = text.TakeWhile(char.IsAsciiDigit).Count();
        duration = default;
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > 1_000_000)
            return false;
        double? milliseconds = text[digits..].Trim() switch
        {
            "ms" or "" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => null,
        };
        duration = TimeSpan.FromMilliseconds(number * (milliseconds ?? 0));
        return milliseconds is not null;
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0}ms");

    private string At(string key) => $"{_path}.{key}";

    private HoconValue? Take(string key)
    {
        _known.Add(key);
        return _items.TryGetValue(key, out HoconValue? value) ? value : null;
    }

    // Of "[]" the parser leaves a value without elements.
    private static bool IsEmptyList(HoconValue value) => value.IsEmpty || (!value.IsObject() && value.Values.All(each => each.IsArray() && each.GetArray().Count == 0));

    private static int EditDistance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }
}
