using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Director.Model;

namespace Director.Cli.Transport;

/// <summary>The management API over the director's Unix socket (HTTP/1.1).</summary>
internal sealed class DirectorApiClient : IDirectorApi, IDisposable
{
    /// <summary>For an answer to begin; a director that is busy with a big batch takes seconds.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _path;
    private readonly HttpClient _http;

    public DirectorApiClient(string path)
    {
        _path = path;
        SocketsHttpHandler handler = new()
        {
            // Only the socket: no proxies, cookies, redirects or traces.
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri("http://director/api/v1/"), Timeout = Patience };
    }

    public async Task<CommandBatchResult> ExecuteAsync(CommandBatch batch)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "commands") { Content = Body(batch, DirectorJson.Default.CommandBatch) };
        CommandBatchResult result = await SendAsync(request, DirectorJson.Default.CommandBatchResult).ConfigureAwait(false);
        return result.Results.Length == batch.Commands.Length
            ? result
            : throw Bad($"{result.Results.Length} answers to {batch.Commands.Length} commands");
    }

    public Task<ServicesListing> GetServicesAsync() => GetAsync("services", DirectorJson.Default.ServicesListing);

    public Task<Timeouts> GetTimeoutsAsync() => GetAsync("timeouts", DirectorJson.Default.Timeouts);

    public Task<SyncDaemon[]> GetDaemonsAsync() => GetAsync("daemons", DirectorJson.Default.SyncDaemonArray);

    public Task<DirectorStatus> GetStatusAsync() => GetAsync("status", DirectorJson.Default.DirectorStatus);

    public Task<MarksListing> GetMarksAsync() => GetAsync("marks", DirectorJson.Default.MarksListing);

    public Task<SortedDictionary<string, int>> GetSettingsAsync() => GetAsync("settings", DirectorJson.Default.SortedDictionaryStringInt32);

    /// <summary>Hands the addresses over; answers who owns now.</summary>
    public async Task<FailOverResult> FailOverAsync(string? to)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "election/failover") { Content = Body(new FailOverRequest(to), DirectorJson.Default.FailOverRequest) };
        return await SendAsync(request, DirectorJson.Default.FailOverResult).ConfigureAwait(false);
    }

    /// <summary>Takes over the host's own mark rules, or only tells which it would.</summary>
    public async Task<MarkImportResult> ImportMarksAsync(bool dryRun)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, "marks/import") { Content = Body(new MarkImport(dryRun), DirectorJson.Default.MarkImport) };
        return await SendAsync(request, DirectorJson.Default.MarkImportResult).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<ConnectionEntry> GetConnectionsAsync()
    {
        using HttpRequestMessage request = new(HttpMethod.Get, "connections");
        using HttpResponseMessage response = await SendAsync(request).ConfigureAwait(false);
        await using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        await using ConfiguredCancelableAsyncEnumerable<ConnectionEntry?>.Enumerator entries =
            JsonSerializer.DeserializeAsyncEnumerable(body, DirectorJson.Default.ConnectionEntry).ConfigureAwait(false).GetAsyncEnumerator();
        while (await MoveNextAsync(entries).ConfigureAwait(false))
        {
            if (entries.Current is { } entry)
                yield return entry;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> MoveNextAsync(ConfiguredCancelableAsyncEnumerable<ConnectionEntry?>.Enumerator entries)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw Bad(e.Message, e);
        }
    }

    // Written as a whole: the length is known and a refused connection costs no half-sent body.
    private static ByteArrayContent Body<T>(T value, JsonTypeInfo<T> type)
    {
        ByteArrayContent body = new(JsonSerializer.SerializeToUtf8Bytes(value, type));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return body;
    }

    private async Task<T> GetAsync<T>(string resource, JsonTypeInfo<T> type)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, resource);
        return await SendAsync(request, type).ConfigureAwait(false);
    }

    private async Task<T> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type)
    {
        using HttpResponseMessage response = await SendAsync(request).ConfigureAwait(false);
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type).ConfigureAwait(false) ?? throw Bad("an empty answer");
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw Bad(e.Message, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is DirectorUnreachableException unreachable ? unreachable : Bad(e.Message, e);
        }
        catch (TaskCanceledException e)
        {
            throw new DirectorUnreachableException(UnreachableReason.BadAnswer, $"the director at {_path} did not answer within {Patience.TotalSeconds} s", e);
        }
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await ProblemOf(response).ConfigureAwait(false);
    }

    private async Task<DirectorUnreachableException> ProblemOf(HttpResponseMessage response)
    {
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
            Problem? problem = await JsonSerializer.DeserializeAsync(body, DirectorJson.Default.Problem).ConfigureAwait(false);
            if (problem?.Title is { } title)
                return Bad(problem.Detail is { } detail ? $"{title}: {detail}" : title);
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            // Not a problem document: its status says as much as there is.
        }
        return Bad($"HTTP {(int)response.StatusCode} {response.ReasonPhrase}");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e switch
            {
                SocketException { SocketErrorCode: SocketError.AccessDenied } =>
                    new DirectorUnreachableException(UnreachableReason.PermissionDenied, $"no permission for {_path}", e),
                SocketException or ArgumentException =>
                    new DirectorUnreachableException(UnreachableReason.NoDirector, $"no director at {_path} (is directord running?)", e),
                _ => e,
            };
        }
    }

    private DirectorUnreachableException Bad(string what, Exception? inner = null) =>
        new(UnreachableReason.BadAnswer, $"the director at {_path} answered: {what}", inner);
}
