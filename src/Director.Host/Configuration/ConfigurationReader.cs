using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Akka.Configuration;
using Director.Actors.Journal;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>Reads a configuration file into <see cref="DirectorOptions"/>, or says everything that is wrong with it, at once.</summary>
public sealed class ConfigurationReader
{
    private const int LongestInterfaceName = 15;
    private const long MostConnections = 4 << 20;

    private readonly string _file;
    private readonly HoconOutline _outline;
    private readonly List<ConfigurationError> _errors = [];

    private ConfigurationReader(string file, HoconOutline outline)
    {
        _file = file;
        _outline = outline;
        _errors.AddRange(outline.Errors.Select(error => new ConfigurationError(file, error.Line, "", error.Text)));
    }

    /// <summary>Options, or errors in the order of their lines; never both.</summary>
    public static (DirectorOptions? Options, ConfigurationError[] Errors) Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, [new ConfigurationError(path, 1, "", $"cannot be read: {failure.Message}")]);
        }
        return Parse(path, text);
    }

    public static (DirectorOptions? Options, ConfigurationError[] Errors) Parse(string file, string text)
    {
        ConfigurationReader reader = new(file, HoconOutline.Of(text));
        DirectorOptions? options = reader._errors.Count == 0 ? reader.ReadAll(text) : null;
        return reader._errors.Count == 0 ? (options, []) : (null, [.. reader._errors.OrderBy(error => error.Line)]);
    }

    private DirectorOptions? ReadAll(string text)
    {
        Config config;
        try
        {
            config = ConfigurationFactory.ParseString(text);
        }
        catch (Exception failure)
        {
            _errors.Add(new ConfigurationError(_file, 1, "", $"is not HOCON: {failure.Message}"));
            return null;
        }
        if (!config.HasPath("director"))
        {
            _errors.Add(new ConfigurationError(_file, 1, "director", "is missing: director { name = ..., interfaces = [...] }"));
            return null;
        }
        Section director = new(config.GetValue("director"), "director", Wrong);
        string dataDirectory = director.Text("data-directory") ?? "/var/lib/director";
        Section election = director.Inner("election");
        Section engine = director.Inner("engine");
        Section management = director.Inner("management");
        Section http = management.Inner("http");
        EngineConfiguration forwarding = ReadEngine(director, engine, election);
        ElectionOptions electing = ElectionSection.Read(director, election);
        DirectorOptions options = new()
        {
            File = _file,
            Akka = config,
            Name = ReadName(director),
            DataDirectory = dataDirectory,
            Engine = forwarding,
            EngineSocket = engine.Text("socket") ?? Path.Combine(dataDirectory, "engine.sock"),
            ManagementSocket = management.Text("socket") ?? "/run/director/director.sock",
            HttpHostname = http.Text("hostname") ?? "127.0.0.1",
            HttpPort = (int)http.Number("port", 8558, 0, 65535),
            TokenFile = http.Text("token-file"),
            CertificateFile = http.Text("certificate"),
            Services = ServiceSection.Read(director, forwarding.LocalAddresses),
            Marks = MarkSection.Read(director, forwarding.Interfaces),
            Settings = SettingSection.Read(director.Inner("settings")),
            PostgreSql = ReadPersistence(director),
            Election = electing,
            Cluster = ClusterSection.Read(config, director, electing, Wrong),
            ConnectionSync = ConnectionSyncOptions.Read(director.Inner("connection-sync")),
        };
        CheckHttp(http, options);
        director.RejectRest();
        return options with
        {
            ServicesDigest = Digest(options.Services),
        };
    }

    private static string ReadName(Section director)
    {
        string name = director.Required("name", "\"a\"");
        if (name.Length > 64 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            director.Wrong("name", $"'{name}' may hold letters, digits, - _ . and at most 64 of them");
        return name;
    }

    private static EngineConfiguration ReadEngine(Section director, Section engine, Section election)
    {
        string[] interfaces = director.Texts("interfaces");
        if (interfaces.Length == 0)
            director.Wrong("interfaces", "is missing or empty (for example interfaces = [\"eth0\", \"eth1\"])");
        for (int i = 0; i < interfaces.Length; i++)
        {
            if (interfaces[i].Length > LongestInterfaceName)
                director.Wrong($"interfaces[{i}]", $"'{interfaces[i]}' is longer than an interface name can be ({LongestInterfaceName})");
            else if (Array.IndexOf(interfaces, interfaces[i]) != i)
                director.Wrong($"interfaces[{i}]", $"'{interfaces[i]}' is named twice");
        }
        return new EngineConfiguration
        {
            Interfaces = interfaces,
            FloatingAddresses = ReadFloating(director, interfaces),
            LocalAddresses = AddressRanges.Read(director, "local-addresses"),
            Group = (byte)election.Number("group", 1, 1, 255),
            VirtualMac = election.Switch("virtual-mac", true),
            ConnectionLimit = (uint)engine.Number("connection-limit", 1_000_000, 1024, MostConnections),
            FastPath = engine.Choice("fast-path", "auto", "tcx", "xdp", "off") switch
            {
                "tcx" => FastPathChoice.Tcx,
                "xdp" => FastPathChoice.Xdp,
                "off" => FastPathChoice.Off,
                _ => FastPathChoice.Auto,
            },
        };
    }

    private static FloatingAddress[] ReadFloating(Section director, string[] interfaces)
    {
        List<FloatingAddress> addresses = [];
        string[] texts = director.Texts("floating-addresses");
        for (int i = 0; i < texts.Length; i++)
        {
            string[] parts = texts[i].Split('/', '@');
            if (parts.Length != 3 || !HostAddress.TryParse(parts[0], out IPAddress? address)
                || !byte.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out byte prefix) || prefix > 8 * address.GetAddressBytes().Length)
            {
                director.Wrong($"floating-addresses[{i}]", $"'{texts[i]}' is not written as 10.2.0.254/24@eth1 or fd00:2::254/64@eth1");
            }
            else if (!interfaces.Contains(parts[2]))
                director.Wrong($"floating-addresses[{i}]", $"'{parts[2]}' is none of director.interfaces");
            else if (addresses.Any(other => other.Address.Equals(address)))
                director.Wrong($"floating-addresses[{i}]", $"'{parts[0]}' is named twice");
            else
                addresses.Add(new FloatingAddress(address, prefix, parts[2]));
        }
        return [.. addresses];
    }

    private static string? ReadPersistence(Section director)
    {
        Section persistence = director.Inner("persistence");
        bool postgreSql = persistence.Choice("provider", "sqlite", "postgresql") == "postgresql";
        string? connection = persistence.Text("connection-string");
        if (!postgreSql)
        {
            if (connection is not null)
                persistence.Wrong("connection-string", "goes with provider = postgresql only");
            return null;
        }
        if (connection is null)
            persistence.Wrong("provider", "postgresql needs a connection-string");
        else if (PostgreSqlJournal.Fault(connection) is { } fault)
            persistence.Wrong("connection-string", fault);
        return connection;
    }

    private static void CheckHttp(Section http, DirectorOptions options)
    {
        bool loopback = options.HttpHostname == "localhost" || (IPAddress.TryParse(options.HttpHostname, out IPAddress? address) && IPAddress.IsLoopback(address));
        if (!loopback && (options.TokenFile is null || options.CertificateFile is null))
            http.Wrong("hostname", $"'{options.HttpHostname}' is beyond loopback: token-file and certificate are needed there");
        foreach ((string key, string? file) in new[] { ("token-file", options.TokenFile), ("certificate", options.CertificateFile) })
        {
            if (file is not null && !File.Exists(file))
                http.Wrong(key, $"there is no file '{file}'");
        }
    }

    private static string Digest(VirtualService[] services) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(services, DirectorJson.Default.VirtualServiceArray))));

    private void Wrong(string key, string text) => _errors.Add(new ConfigurationError(_file, _outline.LineOf(key), key, text));
}
