using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using Director.Host.Configuration;

namespace Director.Host.Life;

/// <summary>
/// Mutual TLS on the link between directors: each side shows a certificate, and takes one of the named authority alone, whatever else
/// this host trusts.
/// </summary>
public sealed class ClusterTrust
{
    private const int MostTold = 100;

    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _authority;
    private readonly ConcurrentDictionary<string, bool> _told = [];

    private ClusterTrust(X509Certificate2 certificate, X509Certificate2 authority) => (_certificate, _authority) = (certificate, authority);

    /// <exception cref="StartException">The files are no certificates, or the one is not of the other.</exception>
    public static ClusterTrust? Read(ClusterOptions options)
    {
        if (options.CertificateFile is not { } file || options.AuthorityFile is not { } authorityFile)
            return null;
        ClusterTrust trust = new(Load(file, () => X509Certificate2.CreateFromPemFile(file)), Load(authorityFile, () => X509CertificateLoader.LoadCertificateFromFile(authorityFile)));
        return trust.WhyNot(trust._certificate) is { } objection
            ? throw new StartException($"director.cluster.certificate {file} is not to be used with the authority {authorityFile}: {objection}")
            : trust;
    }

    public DotNettySslSetup Setup() => new(_certificate, suppressValidation: false, requireMutualAuthentication: true, Takes);

    private bool Takes(X509Certificate2? certificate, X509Chain? chain, string remotePeer, System.Net.Security.SslPolicyErrors errors, ILoggingAdapter log)
    {
        string? objection = certificate is null ? "it showed no certificate" : WhyNot(certificate);
        // It tries again, several times a second.
        if (objection is not null && _told.Count < MostTold && _told.TryAdd(certificate?.Thumbprint ?? "", true))
            log.Warning("{0} was refused on the link between directors: {1} ({2})", remotePeer, objection, certificate?.Subject ?? "no certificate");
        return objection is null;
    }

    private string? WhyNot(X509Certificate2 certificate)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(_authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate) ? null : string.Join("; ", chain.ChainStatus.Select(status => status.StatusInformation.Trim()));
    }

    private static X509Certificate2 Load(string file, Func<X509Certificate2> load)
    {
        try
        {
            return load();
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} is no certificate in PEM, with its key if it is this director's: {e.Message}", e);
        }
    }
}
