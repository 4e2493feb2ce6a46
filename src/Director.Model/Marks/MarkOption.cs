namespace Director.Model;

/// <summary>What a rule is written with.</summary>
internal enum MarkOption
{
    Ipv4,
    Ipv6,
    Table,
    Append,
    OtherCommand,
    Wait,
    Verbose,
    Protocol,
    Source,
    Destination,
    InInterface,
    OutInterface,
    Match,
    Jump,
    SourcePort,
    DestinationPort,
    SourcePorts,
    DestinationPorts,
    Ports,
    Comment,
    SetMark,
    SetXmark,
    AndMark,
    OrMark,
    XorMark,
}

/// <summary>The options by their names; those of a match or of the target are there once that was named.</summary>
internal static class MarkOptions
{
    /// <summary>What <c>-j MARK</c> brings.</summary>
    public const string Target = "MARK";

    /// <summary>What <c>-m tcp</c>, <c>-m udp</c>, <c>-m sctp</c> bring.</summary>
    public const string Plain = "ports";

    public const string Multiport = "multiport";

    public const string Comment = "comment";

    private static readonly (string Name, MarkOption Option, string? From)[] Names =
    [
        ("-4", MarkOption.Ipv4, null), ("--ipv4", MarkOption.Ipv4, null),
        ("-6", MarkOption.Ipv6, null), ("--ipv6", MarkOption.Ipv6, null),
        ("-t", MarkOption.Table, null), ("--table", MarkOption.Table, null),
        ("-A", MarkOption.Append, null), ("--append", MarkOption.Append, null),
        ("-I", MarkOption.OtherCommand, null), ("--insert", MarkOption.OtherCommand, null),
        ("-D", MarkOption.OtherCommand, null), ("--delete", MarkOption.OtherCommand, null),
        ("-R", MarkOption.OtherCommand, null), ("--replace", MarkOption.OtherCommand, null),
        ("-w", MarkOption.Wait, null), ("--wait", MarkOption.Wait, null),
        ("-v", MarkOption.Verbose, null), ("--verbose", MarkOption.Verbose, null),
        ("-p", MarkOption.Protocol, null), ("--protocol", MarkOption.Protocol, null), ("--proto", MarkOption.Protocol, null),
        ("-s", MarkOption.Source, null), ("--source", MarkOption.Source, null), ("--src", MarkOption.Source, null),
        ("-d", MarkOption.Destination, null), ("--destination", MarkOption.Destination, null), ("--dst", MarkOption.Destination, null),
        ("-i", MarkOption.InInterface, null), ("--in-interface", MarkOption.InInterface, null),
        ("-o", MarkOption.OutInterface, null), ("--out-interface", MarkOption.OutInterface, null),
        ("-m", MarkOption.Match, null), ("--match", MarkOption.Match, null),
        ("-j", MarkOption.Jump, null), ("--jump", MarkOption.Jump, null),
        ("--sport", MarkOption.SourcePort, Plain), ("--source-port", MarkOption.SourcePort, Plain),
        ("--dport", MarkOption.DestinationPort, Plain), ("--destination-port", MarkOption.DestinationPort, Plain),
        ("--sports", MarkOption.SourcePorts, Multiport), ("--source-ports", MarkOption.SourcePorts, Multiport),
        ("--dports", MarkOption.DestinationPorts, Multiport), ("--destination-ports", MarkOption.DestinationPorts, Multiport),
        ("--ports", MarkOption.Ports, Multiport),
        ("--comment", MarkOption.Comment, Comment),
        ("--set-mark", MarkOption.SetMark, Target), ("--set-xmark", MarkOption.SetXmark, Target),
        ("--and-mark", MarkOption.AndMark, Target), ("--or-mark", MarkOption.OrMark, Target), ("--xor-mark", MarkOption.XorMark, Target),
    ];

    /// <summary>
    /// The option of this name, or of the only name that begins so: getopt's rule, by which <c>-m multiport --dport 80,443</c> means
    /// <c>--dports</c> (as long as no <c>-m tcp</c> stands before it).
    /// </summary>
    public static MarkOption? Find(string name, IReadOnlySet<string> named)
    {
        MarkOption? beginning = null;
        foreach ((string known, MarkOption option, string? from) in Names)
        {
            if (from is not null && !named.Contains(from))
                continue;
            if (known == name)
                return option;
            if (!name.StartsWith("--", StringComparison.Ordinal) || name.Length < 3 || !known.StartsWith(name, StringComparison.Ordinal))
                continue;
            if (beginning is not null && beginning != option)
                return ExactLater(name, named);
            beginning = option;
        }
        return beginning;
    }

    /// <summary>What an option that is known, but not yet there, wants before it.</summary>
    public static string? Missing(string name) => Array.Find(Names, known => known.Name == name).From switch
    {
        Plain => "-p tcp, -p udp or -p sctp",
        Multiport => "-m multiport",
        Comment => "-m comment",
        Target => "-j MARK",
        _ => null,
    };

    private static MarkOption? ExactLater(string name, IReadOnlySet<string> named) =>
        Array.Find(Names, known => known.Name == name && (known.From is null || named.Contains(known.From))) is { Name: not null } found ? found.Option : null;
}
