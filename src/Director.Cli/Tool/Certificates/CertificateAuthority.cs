using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Director.Cli.Tool.Certificates;

/// <summary>
/// The authority of one group of directors: <c>ca.pem</c>, which every director is given, and <c>ca.key</c>, which stays where the
/// certificates are made. A director takes certificates of this authority alone, so it signs for directors only.
/// </summary>
internal sealed class CertificateAuthority(X509Certificate2 certificate) : IDisposable
{
    public const string CertificateFile = "ca.pem";
    public const string KeyFile = "ca.key";

    private const int AuthorityYears = 20;
    private const int DirectorYears = 10;
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1"; // RFC 5280, 4.2.1.12
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    // Directors' clocks may differ from this host's.
    private static readonly TimeSpan Skew = TimeSpan.FromDays(1);

    /// <summary>The one in the folder, or a new one.</summary>
    /// <param name="created">Whether it was made now.</param>
    /// <exception cref="IOException">The folder cannot be used.</exception>
    /// <exception cref="CryptographicException">What is there is no authority of ours.</exception>
    public static CertificateAuthority Open(string folder, DateTimeOffset now, out bool created)
    {
        (string certificate, string key) = (Path.Combine(folder, CertificateFile), Path.Combine(folder, KeyFile));
        created = !File.Exists(certificate) && !File.Exists(key);
        return created ? Create(certificate, key, now) : new CertificateAuthority(X509Certificate2.CreateFromPemFile(certificate, key));
    }

    /// <summary>Writes <c>NAME.pem</c>, the certificate with its key, mode 0600.</summary>
    /// <returns>When it ends.</returns>
    /// <exception cref="IOException">The file exists, or cannot be written.</exception>
    public DateTimeOffset Issue(string folder, string name, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset end = now.AddYears(DirectorYears) is var wanted && wanted < certificate.NotAfter ? wanted : certificate.NotAfter;
        using X509Certificate2 issued = request.Create(certificate, now - Skew, end, RandomNumberGenerator.GetBytes(16));
        Write(Path.Combine(folder, $"{name}.pem"), issued.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return end;
    }

    public void Dispose() => certificate.Dispose();

    private static CertificateAuthority Create(string certificateFile, string keyFile, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A name of its own for each: two authorities called alike are hard to tell apart in an error.
        CertificateRequest request = new($"CN=directors {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        X509Certificate2 made = request.CreateSelfSigned(now - Skew, now.AddYears(AuthorityYears));
        Write(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write(certificateFile, made.ExportCertificatePem() + "\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return new CertificateAuthority(made);
    }

    // Never over what is there: it may be in use.
    private static void Write(string path, string text, UnixFileMode mode)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = mode;
        using FileStream file = new(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
