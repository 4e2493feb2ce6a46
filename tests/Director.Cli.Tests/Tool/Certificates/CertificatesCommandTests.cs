using System.Security.Cryptography.X509Certificates;
using Director.Cli.Tool.Certificates;

namespace Director.Cli.Tests.Tool.Certificates;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CertificatesCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("director-certificates-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public void Every_director_gets_a_certificate_with_its_key_of_one_authority()
    {
        Assert.Equal(0, Run("a", "b"));
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "ca.pem"));
        foreach (string name in new[] { "a", "b" })
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPemFile(Path.Combine(_folder, $"{name}.pem"));
            Assert.True(certificate.HasPrivateKey);
            Assert.Equal($"CN={name}", certificate.Subject);
            Assert.True(IsOf(certificate, authority));
        }
    }

    [Fact]
    public void A_later_certificate_is_of_the_same_authority_and_another_folder_has_another()
    {
        Run("a");
        string first = File.ReadAllText(Path.Combine(_folder, "ca.pem"));
        Assert.Equal(0, Run("c"));
        Assert.Equal(first, File.ReadAllText(Path.Combine(_folder, "ca.pem")));

        string elsewhere = Path.Combine(_folder, "elsewhere");
        Assert.Equal(0, CertificatesCommand.Run(elsewhere, ["a"], TimeProvider.System, _output, _errors));
        using X509Certificate2 authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(_folder, "ca.pem"));
        using X509Certificate2 strange = X509Certificate2.CreateFromPemFile(Path.Combine(elsewhere, "a.pem"));
        Assert.False(IsOf(strange, authority));
    }

    [Fact]
    public void Keys_are_for_their_owner_alone()
    {
        Run("a");
        foreach (string file in new[] { "ca.key", "a.pem" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, file)));
    }

    [Fact]
    public void What_is_there_is_not_written_over()
    {
        Run("a");
        string before = File.ReadAllText(Path.Combine(_folder, "a.pem"));
        Assert.Equal(1, Run("b", "a"));
        Assert.Contains("a.pem exists and was left as it is", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(_folder, "a.pem")));
        Assert.False(File.Exists(Path.Combine(_folder, "b.pem")));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("ca")]
    [InlineData("a b")]
    public void An_odd_name_is_refused(string name)
    {
        Assert.Equal(2, Run(name));
        Assert.Contains("is no name of a director", _errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_damaged_authority_is_told()
    {
        Run("a");
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), "no certificate");
        Assert.Equal(1, Run("b"));
        Assert.NotEmpty(_errors.ToString());
    }

    private int Run(params string[] names) => CertificatesCommand.Run(_folder, names, TimeProvider.System, _output, _errors);

    private static bool IsOf(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
