using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Director.Model;

/// <summary>
/// One rule that marks packets for a firewall-mark service, in iptables' notation: what follows <c>iptables -t mangle -A PREROUTING</c>,
/// e.g. <c>-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7</c>. Rules apply in order to each packet, before
/// services are looked up: every rule that matches changes the mark that the ones before it left (a mark is 0 at first).
/// A rule holds for both address families unless an address, an ICMP or <c>-4</c>/<c>-6</c> says which.
/// Equal is what is written equally (<see cref="ToString"/>), as for <c>iptables -D</c>.
/// </summary>
public sealed record MarkRule
{
    private string? _text;

    /// <summary>Made by parsing only: what stands in a rule fits together.</summary>
    internal MarkRule()
    {
    }

    /// <summary>Null: both.</summary>
    public AddressFamily? Family { get; internal init; }

    /// <summary><c>-s</c>; null is any address.</summary>
    public AddressMatch? Source { get; internal init; }

    /// <summary><c>-d</c>; null is any address.</summary>
    public AddressMatch? Destination { get; internal init; }

    /// <summary><c>-i</c>; null is any interface.</summary>
    public InterfaceMatch? Interface { get; internal init; }

    /// <summary><c>-p</c>; null is any protocol.</summary>
    public ProtocolMatch? Protocol { get; internal init; }

    /// <summary>All of them must hold. Only with protocol TCP, UDP or SCTP.</summary>
    public ImmutableArray<PortMatch> Ports { get; internal init; } = [];

    /// <summary><c>-m comment --comment</c>; null without.</summary>
    public string? Comment { get; internal init; }

    /// <summary><c>-j MARK</c> with its option.</summary>
    public MarkAction Action { get; internal init; }

    /// <summary>
    /// Reads a line as a shell or iptables-restore would cut it. Comma lists of addresses make a rule each (sources outermost), in
    /// the order in which iptables makes them.
    /// </summary>
    /// <param name="error">What is wrong, with the option that it is about.</param>
    public static bool TryParse(string text, out ImmutableArray<MarkRule> rules, [NotNullWhen(false)] out string? error) =>
        TryParse(text, null, out rules, out error);

    /// <param name="family">Of the command that the rule belongs to; null: the rule tells itself.</param>
    public static bool TryParse(string text, AddressFamily? family, out ImmutableArray<MarkRule> rules, [NotNullWhen(false)] out string? error)
    {
        rules = [];
        return MarkRuleWords.TrySplit(text, out IReadOnlyList<string> words, out error) && TryParse(words, family, out rules, out error);
    }

    /// <summary>A line that is cut into words already.</summary>
    public static bool TryParse(
        IReadOnlyList<string> words, AddressFamily? family, out ImmutableArray<MarkRule> rules, [NotNullWhen(false)] out string? error)
    {
        try
        {
            rules = MarkRuleParser.Parse(words, family);
            error = null;
            return true;
        }
        catch (MarkSyntaxException wrong)
        {
            rules = [];
            error = wrong.Message;
            return false;
        }
    }

    /// <summary>Whether a packet that arrives at one of these interfaces can match.</summary>
    public bool CanArriveAt(IEnumerable<string> interfaces) => Interface is null || interfaces.Any(Interface.Matches);

    /// <summary>Why this rule, behind those, is of no use as far as a rule can tell; null if nothing speaks against it.</summary>
    public string? UselessBehind(IEnumerable<MarkRule> before) =>
        Protocol is { Negated: false, IsBalanced: false } ? $"it marks only {Protocol.Name}, which no service balances"
        : Action.Value == 0 && before.All(rule => rule.Action.Value == 0) ? "no rule before it sets a mark that it could take away"
        : null;

    public bool Equals(MarkRule? other) => other is not null && ToString() == other.ToString();

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>In iptables' notation and order of options; the command, table and chain before it are left out.</summary>
    public override string ToString() => _text ??= MarkRuleText.Of(this);

    /// <summary>The addresses that <c>-d</c> names one by one; null if it names none, or networks.</summary>
    public IPAddress? DestinationHost => Destination is { Negated: false, IsHost: true } ? Destination.Network : null;
}
