using System.Collections.Immutable;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>
/// Reads a rule's words as iptables 1.8 does: options in any order, <c>!</c> before the option that it negates, options of a match
/// or the target behind it, names that may be cut short.
/// </summary>
internal sealed class MarkRuleParser
{
    private readonly IReadOnlyList<string> _words;
    private readonly MarkRuleDraft _draft = new();
    private readonly HashSet<string> _named = [];
    private int _next;
    private string? _attached;
    private string _option = "";
    private bool _negated;

    private MarkRuleParser(IReadOnlyList<string> words) => _words = words;

    /// <exception cref="MarkSyntaxException">With the option that is wrong.</exception>
    public static ImmutableArray<MarkRule> Parse(IReadOnlyList<string> words, AddressFamily? family)
    {
        MarkRuleParser parser = new(words);
        if (family is { } known)
            parser._draft.SetFamily(known, known == AddressFamily.InterNetwork ? "the rule of iptables" : "the rule of ip6tables");
        parser.SkipCommand();
        while (parser._next < words.Count)
            parser.ReadOption();
        if (parser._negated)
            throw new MarkSyntaxException("the ! at the end negates nothing");
        return parser._draft.Finish();
    }

    // What a line of a script or of iptables-save begins with.
    private void SkipCommand()
    {
        if (_words.Count == 0)
            throw new MarkSyntaxException("the rule is empty");
        if (_words[0].StartsWith('[') && _words[0].EndsWith(']'))
            _next++;
        string command = _next < _words.Count ? Path.GetFileName(_words[_next]) : "";
        if (command is not ("iptables" or "ip6tables" or "iptables-nft" or "ip6tables-nft" or "iptables-legacy" or "ip6tables-legacy"))
            return;
        _next++;
        _draft.SetFamily(command[2] == '6' ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, command);
    }

    private void ReadOption()
    {
        string word = _words[_next++];
        if (word == "!")
        {
            _negated = !_negated ? true : throw new MarkSyntaxException("!: one is enough");
            return;
        }
        if (word.Length < 2 || word[0] != '-')
            throw new MarkSyntaxException($"'{word}': an option was expected here, such as -d or --dport");
        int equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=', StringComparison.Ordinal) : -1;
        (_option, _attached) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
        try
        {
            Take(Find());
        }
        catch (MarkSyntaxException wrong)
        {
            throw new MarkSyntaxException($"{_option}: {wrong.Message}");
        }
        if (_negated)
            throw new MarkSyntaxException($"{_option} cannot be negated");
        if (_attached is not null)
            throw new MarkSyntaxException($"{_option} takes no value");
    }

    // -p tcp brings the options of -m tcp, but only when nothing else has the name.
    private MarkOption Find()
    {
        if (MarkOptions.Find(_option, _named) is { } option)
            return option;
        if (_draft.HasPorts && _named.Add(MarkOptions.Plain) && MarkOptions.Find(_option, _named) is { } ofProtocol)
            return ofProtocol;
        throw new MarkSyntaxException(MarkOptions.Missing(_option) is { } missing
            ? $"wants {missing} before it"
            : "not understood here; rules have -s, -d, -i, -p, ports, -m comment, and -j MARK");
    }

    private void Take(MarkOption option)
    {
        switch (option)
        {
            case MarkOption.Ipv4 or MarkOption.Ipv6:
                _draft.SetFamily(option == MarkOption.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6, _option);
                break;
            case MarkOption.Table:
                Expect("mangle", "rules are of table mangle");
                break;
            case MarkOption.Append:
                Expect("PREROUTING", "rules are of chain PREROUTING");
                break;
            case MarkOption.OtherCommand:
                throw new MarkSyntaxException("rules are appended here: leave it out, or write -A PREROUTING");
            case MarkOption.OutInterface:
                throw new MarkSyntaxException("before routing nobody knows where a packet leaves");
            case MarkOption.Wait:
                if (_next < _words.Count && _words[_next].All(char.IsAsciiDigit))
                    _next++;
                break;
            case MarkOption.Verbose:
                break;
            case MarkOption.Match:
                TakeMatch(Value());
                break;
            case MarkOption.Jump:
                Expect(MarkOptions.Target, "the only target is MARK");
                _named.Add(MarkOptions.Target);
                break;
            case MarkOption.Comment:
                _draft.SetComment(Value(any: true));
                break;
            case >= MarkOption.SetMark and <= MarkOption.XorMark:
                _draft.SetAction(_option, MarkAction.Parse(option, Value()));
                break;
            default:
                TakeNegatable(option, Negation(), Value());
                break;
        }
    }

    private void TakeNegatable(MarkOption option, bool negated, string value)
    {
        switch (option)
        {
            case MarkOption.Protocol:
                _draft.SetProtocol(_option, ProtocolMatch.Parse(value, negated));
                break;
            case MarkOption.Source or MarkOption.Destination:
                _draft.SetAddresses(_option, option == MarkOption.Source, value, negated);
                break;
            case MarkOption.InInterface:
                _draft.SetInterface(InterfaceMatch.Parse(value, negated));
                break;
            case MarkOption.SourcePort or MarkOption.DestinationPort:
                PortSide side = option == MarkOption.SourcePort ? PortSide.Source : PortSide.Destination;
                _draft.AddPorts(_option, new PortMatch(side, [PortNotation.Range(value, openEnds: true)], negated), plain: true);
                break;
            default:
                PortSide sides = option switch { MarkOption.SourcePorts => PortSide.Source, MarkOption.DestinationPorts => PortSide.Destination, _ => PortSide.Either };
                _draft.AddPorts(_option, new PortMatch(sides, PortNotation.List(value), negated), plain: false);
                break;
        }
    }

    private void TakeMatch(string name)
    {
        _draft.AddMatch(name);
        _named.Add(name is MarkOptions.Multiport or MarkOptions.Comment ? name : MarkOptions.Plain);
    }

    private void Expect(string value, string otherwise)
    {
        string given = Value();
        if (given != value)
            throw new MarkSyntaxException($"{otherwise}, not {given}");
    }

    private bool Negation()
    {
        bool negated = _negated;
        _negated = false;
        return negated;
    }

    private string Value(bool any = false)
    {
        if (_attached is { } attached)
        {
            _attached = null;
            return attached;
        }
        if (_next >= _words.Count || (!any && _words[_next] is ['-', var second, ..] && !char.IsAsciiDigit(second)))
            throw new MarkSyntaxException("wants a value");
        return _words[_next] == "!" && !any ? throw new MarkSyntaxException($"the ! stands before the option: ! {_option}") : _words[_next++];
    }
}
