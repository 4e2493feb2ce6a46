using System.Diagnostics.CodeAnalysis;

namespace Director.Cli.Ipvsadm.Arguments;

/// <summary>
/// Reads a command line as popt does: clusters (<c>-Ln</c>), values that are attached (<c>-t10.0.0.1:80</c>, <c>-t=10.0.0.1:80</c>,
/// <c>--tcp-service=...</c>) or follow, optional values that never begin with a dash, and <c>--</c>. Long names are not abbreviated.
/// </summary>
internal sealed class Popt(IReadOnlyList<string> words)
{
    private readonly List<string> _leftovers = [];
    private int _next;
    private string _cluster = "";
    private bool _onlyLeftovers;

    /// <summary>Words that are no options, in order; complete after the last option was read.</summary>
    public IReadOnlyList<string> Leftovers => _leftovers;

    /// <summary>The word that an error is about, as typed: <c>-AL</c> and not <c>-L</c>.</summary>
    public string Word => words[_next - 1];

    /// <returns>False after the last option.</returns>
    /// <exception cref="UsageException">As popt words it; not fatal for a line of <c>-R</c>.</exception>
    public bool TryNext([NotNullWhen(true)] out OptionSpecification? option, out string? value)
    {
        value = null;
        option = _cluster.Length > 0 ? ShortOption() : null;
        while (option is null)
        {
            if (_next >= words.Count)
                return false;
            string word = words[_next++];
            if (_onlyLeftovers || word.Length < 2 || word[0] != '-')
            {
                _leftovers.Add(word);
            }
            else if (word == "--")
            {
                _onlyLeftovers = true;
            }
            else if (word[1] == '-')
            {
                option = LongOption(word, out value);
            }
            else
            {
                _cluster = word[1..];
                option = ShortOption();
            }
        }
        if (option.Value != OptionValue.None && value is null)
            value = TakeValue(option);
        return true;
    }

    private OptionSpecification LongOption(string word, out string? value)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        value = equals < 0 ? null : word[(equals + 1)..];
        OptionSpecification option = OptionTable.Find(equals < 0 ? word[2..] : word[2..equals]) ?? throw Error("unknown option");
        return option.Value == OptionValue.None && value is not null ? throw Error("option does not take an argument") : option;
    }

    private OptionSpecification ShortOption()
    {
        OptionSpecification option = OptionTable.Find(_cluster[0]) ?? throw Error("unknown option");
        _cluster = _cluster[1..];
        return option.Value == OptionValue.None && _cluster.StartsWith('=') ? throw Error("option does not take an argument") : option;
    }

    private string? TakeValue(OptionSpecification option)
    {
        if (_cluster.Length > 0)
        {
            string attached = _cluster[0] == '=' ? _cluster[1..] : _cluster;
            _cluster = "";
            return attached;
        }
        if (option.Value == OptionValue.Optional && (_next >= words.Count || words[_next].StartsWith('-')))
            return null;
        return _next < words.Count ? words[_next++] : throw Error("missing argument");
    }

    private UsageException Error(string what) => new($"{Word}: {what}", ExitCode.Refused, endsRestore: false);
}
