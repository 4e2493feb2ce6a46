using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Director.Cli.Tests.Transport;

/// <summary>Answers every connection to a Unix socket with the same bytes, then closes it. (HttpClient tries again after an empty answer.)</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly TaskCompletionSource<string> _request = new();
    private readonly Task _serving;

    public CannedServer(string answer)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"director-cli-{Guid.NewGuid():N}.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _serving = ServeAsync(answer);
    }

    public string Path { get; }

    /// <summary>The first request as it came.</summary>
    public Task<string> Request => _request.Task;

    public static string Json(string body, int status = 200) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        File.Delete(Path);
        await _serving;
    }

    private async Task ServeAsync(string answer)
    {
        try
        {
            while (true)
                await AnswerAsync(answer);
        }
        catch (SocketException)
        {
            // The listener was disposed of, or a client left.
        }
    }

    private async Task AnswerAsync(string answer)
    {
        using Socket client = await _listener.AcceptAsync();
        StringBuilder request = new();
        byte[] buffer = new byte[4096];
        while (!IsWhole(request.ToString()))
        {
            int read = await client.ReceiveAsync(buffer);
            if (read == 0)
                break;
            request.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        _request.TrySetResult(request.ToString());
        await client.SendAsync(Encoding.UTF8.GetBytes(answer));
        client.Shutdown(SocketShutdown.Both);
    }

    private static bool IsWhole(string request)
    {
        int head = request.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (head < 0)
            return false;
        const string name = "Content-Length: ";
        int at = request.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        int body = at < 0 || at > head ? 0 : int.Parse(request.AsSpan(at + name.Length, request.IndexOf('\r', at) - at - name.Length), CultureInfo.InvariantCulture);
        return Encoding.UTF8.GetByteCount(request.AsSpan(head + 4)) >= body;
    }
}
