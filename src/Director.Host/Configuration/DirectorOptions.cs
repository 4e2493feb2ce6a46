using Akka.Configuration;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>A configuration file, read and found sound: what directord runs by.</summary>
public sealed record DirectorOptions
{
    public required string File { get; init; }

    public required string Name { get; init; }

    public required string DataDirectory { get; init; }

    public required EngineConfiguration Engine { get; init; }

    public required string EngineSocket { get; init; }

    public required string ManagementSocket { get; init; }

    public required string HttpHostname { get; init; }

    public required int HttpPort { get; init; }

    /// <summary>Holds the bearer token for writes over TCP; null: no writes there.</summary>
    public string? TokenFile { get; init; }

    /// <summary>PEM with key, for TLS; null: plain HTTP, on loopback only.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>Connection string of the database that has the journal; null: a file in the data directory has it.</summary>
    public string? PostgreSql { get; init; }

    /// <summary>Declared ones.</summary>
    public VirtualService[] Services { get; init; } = [];

    /// <summary>Of the declared services' text; they are applied when it changed.</summary>
    public string ServicesDigest { get; init; } = "";

    /// <summary><c>firewall-marks</c>: they go before those that commands add.</summary>
    public MarkRule[] Marks { get; init; } = [];

    /// <summary>What the file says of IPVS's settings; the others are at their default.</summary>
    public Settings Settings { get; init; } = Settings.Default;

    public ElectionOptions Election { get; init; } = new();

    /// <summary>The link to other directors; null: there are none.</summary>
    public ClusterOptions? Cluster { get; init; }

    public ConnectionSyncOptions ConnectionSync { get; init; } = ConnectionSyncOptions.Default;

    /// <summary>What to log at the start: settings that this version takes but does not act on.</summary>
    public string[] Warnings { get; init; } = [];

    /// <summary>The whole file.</summary>
    public required Config Akka { get; init; }
}
