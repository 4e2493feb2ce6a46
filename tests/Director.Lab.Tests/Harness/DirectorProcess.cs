using System.Net.Sockets;
using System.Text.Json;
using Director.Model;

namespace Director.Lab.Tests.Harness;

/// <summary>A directord on a lab host, run from <c>artifacts/dist</c> as a user would, with what its commands see.</summary>
public sealed class DirectorProcess
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly string _configuration;
    private int _starts;
    private MovableClock? _clock;
    private LabProcess? _process;

    private DirectorProcess(LabHost host, DirectorOptions options)
    {
        Host = host;
        Options = options;
        Data = DataOf(host);
        Socket = Path.Combine(host.Scratch, "director.sock");
        _configuration = Path.Combine(host.Scratch, "director.conf");
    }

    public LabHost Host { get; }

    /// <summary>Of one started from an example the defaults, which the examples have too.</summary>
    public DirectorOptions Options { get; }

    public string Data { get; }

    /// <summary>Where a director on this host keeps its data.</summary>
    public static string DataOf(LabHost host) => Path.Combine(host.Scratch, "data");

    public string Socket { get; }

    public LabProcess Process => _process ?? throw new InvalidOperationException("not started");

    /// <summary>MAC that this director answers with on the interface at <paramref name="position"/> of its list, virtual MACs being on.</summary>
    public string VirtualMac(int position) => $"02:4c:56:53:{position:x2}:{Options.Group:x2}";

    /// <summary>Started and ready.</summary>
    public static async Task<DirectorProcess> StartAsync(LabHost host, DirectorOptions? options = null)
    {
        DirectorProcess director = await PrepareAsync(host, options);
        await director.StartAsync();
        return director;
    }

    /// <summary>Started from <c>config/EXAMPLE.conf</c> as it stands, but for where data and sockets are, and ready.</summary>
    public static async Task<DirectorProcess> StartExampleAsync(LabHost host, string example)
    {
        DirectorProcess director = new(host, new DirectorOptions());
        string text = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "config", $"{example}.conf"), TestContext.Current.CancellationToken);
        // Objects of one name are merged, and of two values the later one holds.
        await director.ConfigureAsync($$"""
            {{text}}
            director {
              data-directory = "{{director.Data}}"
              engine { socket = "{{director.Data}}/engine.sock" }
              management { socket = "{{director.Socket}}" }
            }
            """);
        await director.StartAsync();
        return director;
    }

    /// <summary>Configured, not started.</summary>
    public static async Task<DirectorProcess> PrepareAsync(LabHost host, DirectorOptions? options = null)
    {
        DirectorProcess director = new(host, options ?? new DirectorOptions());
        await director.ConfigureAsync(director.Options.ToHocon(director.Data, director.Socket));
        if (director.Options.MovableClock)
            director._clock = await MovableClock.PrepareAsync(host);
        return director;
    }

    private Task ConfigureAsync(string hocon)
    {
        Directory.CreateDirectory(Data);
        return File.WriteAllTextAsync(_configuration, hocon, TestContext.Current.CancellationToken);
    }

    /// <summary>Starts directord (again, on the same data) and waits until it serves.</summary>
    public async Task StartAsync()
    {
        StartOnly();
        await ReadyAsync();
    }

    /// <summary>Starts directord without waiting: it may be meant to refuse.</summary>
    /// <param name="through">Words before the command, e.g. <c>setpriv ...</c>.</param>
    public LabProcess StartOnly(string through = "") =>
        _process = Host.Start($"directord-{++_starts}", $"{through} {_clock?.Words} {Repository.Programs}/directord --config {_configuration}");

    /// <summary>Of this director and its engine; see <see cref="DirectorOptions.MovableClock"/>.</summary>
    internal MovableClock Clock => _clock ?? throw new InvalidOperationException("the machine's");

    /// <summary>The time of day as it has it.</summary>
    public async Task<DateTimeOffset> ClockAsync()
    {
        using HttpClient http = ManagementClient();
        using HttpResponseMessage answer = await http.GetAsync(new Uri("/alive", UriKind.Relative), TestContext.Current.CancellationToken);
        return answer.Headers.Date!.Value;
    }

    public async Task ReadyAsync()
    {
        await Eventually.TrueAsync("directord is ready", async () =>
        {
            if (!Process.Running)
                Assert.Fail($"directord ended:\n{Process.Printed()}");
            return await AnswersReadyAsync();
        }, StartLimit, () => Task.FromResult(Process.Printed()));
    }

    private async Task<bool> AnswersReadyAsync()
    {
        try
        {
            using HttpClient http = ManagementClient();
            using HttpResponseMessage answer = await http.GetAsync(new Uri("/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (TaskCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // No answer within the client's timeout.
            return false;
        }
    }

    /// <summary>Over the Unix socket, which no network namespace hides.</summary>
    public HttpClient ManagementClient() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            System.Net.Sockets.Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Socket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    })
    { BaseAddress = new Uri("http://director"), Timeout = TimeSpan.FromSeconds(5) };

    /// <summary>One ipvsadm command, or several by new lines; each must succeed.</summary>
    public async Task<Output> IpvsadmAsync(string arguments)
    {
        string[] commands = arguments.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return await Host.RunAsync("set -e; " + string.Join("; ", commands.Select(command => Ipvsadm(command))));
    }

    public Task<Output> TryIpvsadmAsync(string arguments) => Host.TryAsync(Ipvsadm(arguments));

    /// <summary><c>director ...</c>.</summary>
    public Task<Output> DirectorAsync(string arguments) => Host.RunAsync($"{Repository.Programs}/director {arguments} --socket {Socket}");

    /// <summary>Also of a director that is not ready to serve, as while its engine starts again.</summary>
    public async Task<DirectorStatus> StatusAsync() => await TryStatusAsync() ?? throw new InvalidOperationException($"{Host.Name} does not answer");

    private async Task<DirectorStatus?> TryStatusAsync()
    {
        string listed = (await Host.TryAsync($"{Repository.Programs}/director status --json --socket {Socket}")).Text;
        return listed.Length == 0 ? null : JsonSerializer.Deserialize(listed, DirectorJson.Default.DirectorStatus);
    }

    /// <summary>What it is in the election; none while it does not answer.</summary>
    public async Task<string> RoleAsync() => (await TryStatusAsync())?.Role ?? "";

    /// <summary>Shell text in which <c>/sbin/ipvsadm</c> is ours, in a mount namespace of its own.</summary>
    public Task<Output> WithOurIpvsadmAsync(string command, string? input = null, TimeSpan? limit = null) =>
        Host.RunAsync($"exec unshare -m /bin/sh -c '{OurIpvsadm}; {command}'", input, limit);

    /// <summary>As <see cref="WithOurIpvsadmAsync"/>, in the background.</summary>
    public LabProcess StartWithOurIpvsadm(string name, string command) =>
        Host.Start(name, $"unshare -m /bin/sh -c '{OurIpvsadm}; exec {command}'");

    public async Task<int> EngineAsync()
    {
        (int Id, string Name)[] engines = [.. (await Namespaces.ProcessesAsync(Host.Namespace)).Where(process => process.Name == "director-engine")];
        return Assert.Single(engines).Id;
    }

    public async Task<bool> EngineRunsAsync() =>
        (await Namespaces.ProcessesAsync(Host.Namespace)).Any(process => process.Name == "director-engine");

    private string OurIpvsadm => $"export DIRECTOR_SOCKET={Socket}; mount --bind {Repository.Programs}/ipvsadm /sbin/ipvsadm";

    private string Ipvsadm(string arguments) => $"DIRECTOR_SOCKET={Socket} {Repository.Programs}/ipvsadm {arguments}";
}
