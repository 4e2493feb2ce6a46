using Akka.Actor;
using Akka.Configuration;
using Director.Actors.Cluster.Link;

namespace Director.Host.Configuration;

/// <summary>
/// Reads <see cref="ClusterOptions"/>. Everything else under <c>akka</c> goes to Akka as it is, known to us or not.
/// </summary>
internal static class ClusterSection
{
    private const string System = "director";

    /// <param name="config">The whole file.</param>
    /// <param name="director">For <c>director.cluster</c>.</param>
    /// <param name="election">Has the key, without which there is no cluster.</param>
    /// <param name="wrong">Takes the path and the text of a mistake.</param>
    /// <returns>Null: a director alone.</returns>
    public static ClusterOptions? Read(Config config, Section director, ElectionOptions election, Action<string, string> wrong)
    {
        Section tls = director.Inner("cluster");
        (string? certificate, string? authority) = (File(tls, "certificate"), File(tls, "authority"));
        if (certificate is null != authority is null)
            tls.Wrong(certificate is null ? "authority" : "certificate", "certificate and authority go together: mutual TLS needs both");
        Section cluster = At(config, "akka.cluster", wrong);
        string[] contacts = cluster.Texts("seed-nodes");
        if (contacts.Length == 0)
            return null;
        for (int i = 0; i < contacts.Length; i++)
            CheckContact(cluster, $"seed-nodes[{i}]", contacts[i]);
        if (election.Key is null)
            cluster.Wrong("seed-nodes", "a cluster needs director.election.key, a secret that all its directors share");
        Section tcp = At(config, "akka.remote.dot-netty.tcp", wrong);
        string hostname = tcp.Text("public-hostname") ?? tcp.Text("hostname") ?? "";
        if (hostname.Length == 0)
            tcp.Wrong("hostname", "is missing: the address at which the other directors reach this one (for example hostname = \"10.3.0.1\")");
        else if (hostname is "0.0.0.0" or "::")
            tcp.Wrong("hostname", $"'{hostname}' is no address to be reached at; name this director's own, or add public-hostname");
        return new ClusterOptions(contacts, hostname, (int)tcp.Number("port", LinkHocon.DefaultPort, 0, 65535)) { CertificateFile = certificate, AuthorityFile = authority };
    }

    private static Section At(Config config, string path, Action<string, string> wrong) =>
        new(config.HasPath(path) ? config.GetValue(path) : null, path, wrong);

    private static string? File(Section section, string key)
    {
        string? file = section.Text(key);
        if (file is not null && !global::System.IO.File.Exists(file))
            section.Wrong(key, $"there is no file '{file}'");
        return file;
    }

    private static void CheckContact(Section cluster, string key, string contact)
    {
        if (contact.Length == 0)
            return;
        if (!Address.TryParse(contact, out Address? address) || !address.HasGlobalScope)
            cluster.Wrong(key, $"'{contact}' is not written as akka.tcp://director@10.3.0.1:4053");
        else if (address.System != System)
            cluster.Wrong(key, $"'{contact}' names the actor system '{address.System}'; that of a director is called '{System}'");
    }
}
