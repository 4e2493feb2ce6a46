using System.Collections.Immutable;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>What was read of a rule so far, and whether it fits together.</summary>
internal sealed class MarkRuleDraft
{
    private const int LongestComment = 255;

    private readonly List<string> _matches = [];
    private readonly List<PortMatch> _ports = [];
    private readonly HashSet<PortSide> _plain = [];
    private AddressFamily? _family;
    private string _familyFrom = "";
    private (string Option, ProtocolMatch? Match)? _protocol;
    private AddressMatch[]? _sources;
    private AddressMatch[]? _destinations;
    private InterfaceMatch? _interface;
    private string? _comment;
    private (string Option, MarkAction Action)? _action;
    private int _multiports;

    /// <summary>Whether the protocol named so far has ports that rules can look at.</summary>
    public bool HasPorts => _protocol?.Match is { Negated: false, IsBalanced: true };

    public void SetFamily(AddressFamily family, string from)
    {
        if (_family is { } other && other != family)
            throw new MarkSyntaxException($"{Name(family)}, but {_familyFrom} is {Name(other)}: nothing would match");
        (_family, _familyFrom) = (family, _family is null ? from : _familyFrom);
    }

    public void SetProtocol(string option, ProtocolMatch? match)
    {
        Once(_protocol is null);
        _protocol = (option, match);
        if (match?.OnlyFamily is { } family)
            SetFamily(family, $"{option} {match.Name}");
    }

    public void SetAddresses(string option, bool source, string list, bool negated)
    {
        Once((source ? _sources : _destinations) is null);
        AddressMatch[] matches = [.. list.Split(',').Select(text => AddressMatch.Parse(text, negated))];
        if (negated && matches.Length > 1)
            throw new MarkSyntaxException("! goes with one address only");
        foreach (AddressMatch match in matches)
            SetFamily(match.Network.AddressFamily, $"{option} {match}");
        if (negated && matches[0].PrefixLength == 0)
            throw new MarkSyntaxException("every address negated matches nothing");
        (source ? ref _sources : ref _destinations) = matches;
    }

    public void SetInterface(InterfaceMatch match)
    {
        Once(_interface is null);
        if (match is { Name: "+", Negated: true })
            throw new MarkSyntaxException("every interface negated matches nothing");
        _interface = match;
    }

    public void AddMatch(string name)
    {
        if (name is not ("tcp" or "udp" or "sctp" or MarkOptions.Multiport or MarkOptions.Comment))
            throw new MarkSyntaxException($"'{name}' is not known here (tcp, udp, sctp, multiport, comment)");
        Once(name != MarkOptions.Comment || !_matches.Contains(name));
        _matches.Add(name);
    }

    public void AddPorts(string option, PortMatch match, bool plain)
    {
        if (plain)
            Once(_plain.Add(match.Side));
        else if (++_multiports > _matches.Count(name => name == MarkOptions.Multiport))
            throw new MarkSyntaxException("each -m multiport has one of --sports, --dports and --ports");
        _ports.Add(match);
        if (!PortMatch.CanMatch(_ports))
            throw new MarkSyntaxException($"no port is left that {option} {match} and what stands before it would match");
    }

    public void SetComment(string text)
    {
        Once(_comment is null);
        if (text.Length > LongestComment || text.Any(char.IsControl))
            throw new MarkSyntaxException($"a comment is one line of at most {LongestComment} characters");
        _comment = text;
    }

    public void SetAction(string option, MarkAction action)
    {
        if (_action is { } other)
            throw new MarkSyntaxException(other.Option == option ? "may stand only once" : $"cannot be used together with {other.Option}");
        _action = (option, action);
    }

    /// <summary>A rule for each source and destination.</summary>
    public ImmutableArray<MarkRule> Finish()
    {
        CheckMatches();
        MarkRule rule = new()
        {
            Family = _family,
            Interface = _interface is { Name: "+" } ? null : _interface,
            Protocol = _protocol?.Match,
            Ports = InOrder(),
            Comment = _comment,
            Action = _action?.Action ?? throw new MarkSyntaxException("-j MARK with --set-mark (or --set-xmark, --or-mark, --and-mark, --xor-mark) is missing"),
        };
        return
        [
            .. from source in _sources ?? (IEnumerable<AddressMatch?>)[null]
               from destination in _destinations ?? (IEnumerable<AddressMatch?>)[null]
               select rule with { Source = Needed(source), Destination = Needed(destination) },
        ];
    }

    private void CheckMatches()
    {
        foreach (string name in _matches.Where(name => name is "tcp" or "udp" or "sctp"))
        {
            if (!HasPorts || _protocol!.Value.Match!.Name != name)
                throw new MarkSyntaxException($"-m {name} wants -p {name}");
        }
        if (_ports.Count > 0 && !HasPorts)
            throw new MarkSyntaxException("ports want -p tcp, -p udp or -p sctp: nothing else has them");
        if (_multiports < _matches.Count(name => name == MarkOptions.Multiport))
            throw new MarkSyntaxException("-m multiport wants --sports, --dports or --ports");
        if (_comment is null && _matches.Contains(MarkOptions.Comment))
            throw new MarkSyntaxException("-m comment wants --comment");
    }

    // 0:65535 is any port. Source before destination, what is written without multiport first: so a rule reads back as the same.
    private ImmutableArray<PortMatch> InOrder()
    {
        List<PortMatch> rest = [.. _ports.Where(ports => ports.Negated || !ports.Ranges.Contains(new PortRange(0, ushort.MaxValue)))];
        List<PortMatch> ordered = [];
        foreach (PortSide side in (PortSide[])[PortSide.Source, PortSide.Destination])
        {
            if (rest.Find(ports => ports.Side == side && ports.IsSingle) is not { } single)
                continue;
            rest.RemoveAt(rest.FindIndex(ports => ReferenceEquals(ports, single)));
            ordered.Add(single);
        }
        return [.. ordered, .. rest];
    }

    // 0.0.0.0/0 says which family, and nothing more.
    private static AddressMatch? Needed(AddressMatch? match) => match is { PrefixLength: 0 } ? null : match;

    private static void Once(bool first)
    {
        if (!first)
            throw new MarkSyntaxException("may stand only once");
    }

    private static string Name(AddressFamily family) => family == AddressFamily.InterNetwork ? "IPv4" : "IPv6";
}
