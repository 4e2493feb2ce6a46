namespace Director.Model;

/// <summary>Where a mark rule of the director comes from.</summary>
public enum MarkOrigin : byte
{
    /// <summary><c>director.firewall-marks</c> of the configuration file.</summary>
    Configuration = 0,

    /// <summary><c>director mark add</c> or <c>import</c>; kept in the journal.</summary>
    Command = 1,
}

/// <summary>
/// A rule at its place: <paramref name="Number"/> counts from 1. <paramref name="Warning"/> says why it is of no use, null if it is.
/// </summary>
public sealed record MarkEntry(int Number, MarkRule Rule, MarkOrigin Origin, string? Warning = null);

/// <summary><c>GET /api/v1/marks</c>: every rule in the order in which they apply, those of the configuration first.</summary>
public sealed record MarksListing(MarkEntry[] Rules);

/// <summary>Body of <c>POST /api/v1/marks</c>: one line; comma lists of addresses make several rules of it.</summary>
public sealed record MarkLine(string Rule);

/// <summary>Body of <c>POST /api/v1/marks/import</c>.</summary>
public sealed record MarkImport(bool DryRun = false);

/// <summary>A rule of the host that is not taken over, as iptables-save writes it, and why.</summary>
public sealed record LeftRule(string Line, string Reason);

/// <summary>
/// What of the host's own mangle/PREROUTING rules was taken over (or would be), what the director had already, and what it cannot
/// take.
/// </summary>
public sealed record MarkImportResult(MarkRule[] Added, MarkRule[] Known, LeftRule[] Left);
