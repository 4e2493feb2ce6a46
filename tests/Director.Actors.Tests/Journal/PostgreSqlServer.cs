using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Director.Actors.Tests.Journal;

/// <summary>A PostgreSQL of the tests' own: a data directory that is gone afterwards, a free port, trust for everyone on loopback.</summary>
public sealed class PostgreSqlServer : IAsyncLifetime
{
    private const string Programs = "/usr/lib/postgresql";
    private const int Interrupt = 2;

    private readonly string _folder = Directory.CreateTempSubdirectory("director-postgresql-").FullName;
    private Process? _server;
    private string _programs = "";
    private int _port;

    public string ConnectionString { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        string bin = Directory.GetDirectories(Programs).Select(version => Path.Combine(version, "bin")).LastOrDefault(folder => File.Exists(Path.Combine(folder, "postgres")))
            ?? throw new InvalidOperationException($"there is no PostgreSQL under {Programs}: install the package postgresql");
        string data = Path.Combine(_folder, "data");
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "postgres", _folder);
        await RunAsync(As("postgres", Path.Combine(bin, "initdb"), "-D", data, "-U", "director", "-A", "trust", "--no-sync", "--no-locale", "-E", "UTF8"));
        _port = FreePort();
        _programs = bin;
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=director;Database=postgres");
        await StartAsync();
    }

    public async Task StartAsync()
    {
        string port = _port.ToString(CultureInfo.InvariantCulture);
        _server = Process.Start(Quietly(As("postgres", Path.Combine(_programs, "postgres"), "-D", Path.Combine(_folder, "data"), "-h", "127.0.0.1", "-p", port, "-k", _folder)))!;
        _server.OutputDataReceived += (_, _) => { };
        _server.ErrorDataReceived += (_, _) => { };
        _server.BeginOutputReadLine();
        _server.BeginErrorReadLine();
        await Eventually.TrueAsync(IsUp, TimeSpan.FromMinutes(1), () => "PostgreSQL does not answer");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }

    public async Task StopAsync()
    {
        if (_server is { HasExited: false })
        {
            // (Stops at once and in good order.)
            await RunAsync("kill", string.Create(CultureInfo.InvariantCulture, $"-{Interrupt}"), _server.Id.ToString(CultureInfo.InvariantCulture));
            await _server.WaitForExitAsync();
        }
        _server?.Dispose();
        _server = null;
        NpgsqlConnection.ClearAllPools();
    }

    private bool IsUp()
    {
        Assert.False(_server!.HasExited, "PostgreSQL ended");
        try
        {
            using NpgsqlConnection connection = new(ConnectionString);
            connection.Open();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // PostgreSQL does not run as root; setpriv becomes it, so the process id stays.
    private static string[] As(string user, params string[] command) =>
        Environment.IsPrivilegedProcess ? ["setpriv", $"--reuid={user}", $"--regid={user}", "--clear-groups", .. command] : command;

    private static async Task RunAsync(params string[] command)
    {
        using Process process = Process.Start(Quietly(command))!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)}: {await output}{await errors}");
    }

    private static ProcessStartInfo Quietly(string[] command) => new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
