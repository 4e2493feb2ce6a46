namespace Director.Host.Configuration;

/// <summary>Of the link to other directors: <c>akka.cluster</c>, <c>akka.remote</c>, <c>director.cluster</c>.</summary>
/// <param name="Contacts"><c>akka.cluster.seed-nodes</c>: the directors, in any order, self included or not. Never empty.</param>
/// <param name="Hostname">Where this one listens.</param>
/// <param name="Port">0: any (tests).</param>
public sealed record ClusterOptions(string[] Contacts, string Hostname, int Port)
{
    /// <summary>PEM with this director's certificate and key, for mutual TLS; null: plain TCP.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM of the one authority whose certificates are taken. Set when <see cref="CertificateFile"/> is.</summary>
    public string? AuthorityFile { get; init; }
}
