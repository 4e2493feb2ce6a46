using System.Globalization;
using Akka.Configuration;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Cli.Tool.Certificates;
using Director.Host.Configuration;
using Director.Host.Life;

namespace Director.Host.Tests.Life;

/// <summary>The link between directors over mutual TLS, with certificates as <c>director certificates</c> makes them.</summary>
public sealed class ClusterTrustTests : IDisposable
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _certificates = new();
    private readonly TemporaryFolder _a = new();
    private readonly TemporaryFolder _b = new();
    private readonly int[] _ports = LoopbackPorts.Free(2);

    public void Dispose()
    {
        _certificates.Dispose();
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task Two_of_one_authority_are_peers()
    {
        Make("", "a", "b");
        await using ServingDirector first = await ServingDirector.StartAsync(Options(_a, "a", 0, ""), new FakeEngine());
        await using ServingDirector second = await ServingDirector.StartAsync(Options(_b, "b", 1, ""), new FakeEngine());
        await Eventually.TrueAsync(() => Text(first, "/api/v1/status").Contains("akka.ssl.tcp://director@127.0.0.1", StringComparison.Ordinal), Promise);
        await Eventually.TrueAsync(() => Text(second, "/cluster/members").Split("\"Up\"").Length == 3, Promise);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task One_of_another_authority_is_refused()
    {
        Make("", "a");
        Make("other", "b");
        await using ServingDirector first = await ServingDirector.StartAsync(Options(_a, "a", 0, ""), new FakeEngine());
        await using ServingDirector second = await ServingDirector.StartAsync(Options(_b, "b", 1, "other"), new FakeEngine());
        await Eventually.TrueAsync(() => Alone(second), Promise);
        int uid = Uid(second);
        // Each has looked for the other, in vain, and founded a cluster of its own.
        await Eventually.TrueAsync(() => Alone(first) && Alone(second), Promise);
        Assert.Contains("\"peers\":[]", Text(first, "/api/v1/status"), StringComparison.Ordinal);
        Assert.Contains("\"peers\":[]", Text(second, "/api/v1/status"), StringComparison.Ordinal);
        // Several more refusals, and time for Akka's shutdown to get somewhere.
        long began = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(8), Promise);
        // The refusals did not end the link to everybody else.
        await first.Application.StopAsync(TestContext.Current.CancellationToken);
        Assert.Equal(uid, Uid(second));
        static int Uid(ServingDirector director) => (int)System.Text.Json.Nodes.JsonNode.Parse(Text(director, "/bootstrap/seed-nodes"))!["seedNodes"]![0]!["nodeUid"]!;
        static bool Alone(ServingDirector director) => Text(director, "/cluster/members").Split("\"Up\"").Length == 2;
    }

    [Fact]
    public void A_certificate_that_is_not_of_its_authority_stops_the_start()
    {
        Make("", "a");
        Make("other", "b");
        ClusterOptions mixed = new([], "127.0.0.1", 0)
        {
            CertificateFile = Path.Combine(_certificates.Path, "other", "b.pem"),
            AuthorityFile = Path.Combine(_certificates.Path, "ca.pem"),
        };
        Assert.Contains("is not to be used with the authority", Assert.Throws<StartException>(() => ClusterTrust.Read(mixed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_certificate_stops_the_start()
    {
        Make("", "a");
        ClusterOptions wrong = new([], "127.0.0.1", 0)
        {
            CertificateFile = Path.Combine(_certificates.Path, "ca.key"),
            AuthorityFile = Path.Combine(_certificates.Path, "ca.pem"),
        };
        Assert.Contains("ca.key is no certificate in PEM", Assert.Throws<StartException>(() => ClusterTrust.Read(wrong)).Message, StringComparison.Ordinal);
    }

    private void Make(string folder, params string[] names)
    {
        string path = Directory.CreateDirectory(Path.Combine(_certificates.Path, folder)).FullName;
        using CertificateAuthority authority = CertificateAuthority.Open(path, TimeProvider.System.GetUtcNow(), out _);
        foreach (string name in names)
            authority.Issue(path, name, TimeProvider.System.GetUtcNow());
    }

    private DirectorOptions Options(TemporaryFolder folder, string name, int index, string certificates) => ServingDirector.Options(folder.Path) with
    {
        Name = name,
        Election = new ElectionOptions { Key = "secret" },
        // As without TLS: who joins looks at the transport, not at the list's scheme.
        Cluster = new ClusterOptions([.. _ports.Select(port => $"akka.tcp://director@127.0.0.1:{port}")], "127.0.0.1", _ports[index])
        {
            CertificateFile = Path.Combine(_certificates.Path, certificates, $"{name}.pem"),
            AuthorityFile = Path.Combine(_certificates.Path, certificates, "ca.pem"),
        },
        Akka = ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp {{ hostname = \"127.0.0.1\", port = {_ports[index]} }}")),
    };

    private static string Text(ServingDirector director, string path) => director.Local.GetStringAsync(path, TestContext.Current.CancellationToken).GetAwaiter().GetResult();
}
