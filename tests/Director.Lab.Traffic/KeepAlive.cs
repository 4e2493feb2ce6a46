using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Director.Lab.Traffic;

/// <summary>
/// Busy HTTP connections that must never break: each asks, reads the whole answer, rests a moment and asks again, all on one
/// TCP connection. Says <c>established</c> once every one has been answered, and what became of them at the end.
/// </summary>
internal sealed class KeepAlive
{
    private static readonly byte[] Request = "GET / HTTP/1.1\r\nHost: lab\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(50);

    private readonly IPEndPoint _target;
    private readonly int _connections;
    private readonly TimeSpan _patience;
    private int _answeredOnce;
    private long _requests;
    private long _answers;
    private int _broken;
    private long _longest;

    private KeepAlive(IPEndPoint target, int connections, TimeSpan patience)
    {
        _target = target;
        _connections = connections;
        _patience = patience;
    }

    /// <param name="target">The server.</param>
    /// <param name="connections">How many.</param>
    /// <param name="patience">A connection that waits longer for an answer has broken.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task RunAsync(IPEndPoint target, int connections, TimeSpan patience, CancellationToken stop)
    {
        KeepAlive load = new(target, connections, patience);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => load.ConnectionAsync(stop)));
        double longest = Stopwatch.GetElapsedTime(0, load._longest).TotalMilliseconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{{\"connections\":{connections},\"requests\":{load._requests},\"answers\":{load._answers},\"broken\":{load._broken},\"longestMilliseconds\":{longest:F0}}}"));
    }

    private async Task ConnectionAsync(CancellationToken stop)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        byte[] buffer = new byte[16 * 1024];
        bool first = true;
        try
        {
            await socket.ConnectAsync(_target, CancellationToken.None).AsTask().WaitAsync(_patience, CancellationToken.None);
            bool last;
            do
            {
                // One more question after the stop: a connection that broke while it rested is found out too.
                last = stop.IsCancellationRequested;
                Interlocked.Increment(ref _requests);
                long asked = Stopwatch.GetTimestamp();
                await socket.SendAsync(Request, CancellationToken.None);
                await AnswerAsync(socket, buffer).WaitAsync(_patience, CancellationToken.None);
                Took(Stopwatch.GetTimestamp() - asked);
                if (first && Interlocked.Increment(ref _answeredOnce) == _connections)
                    Console.WriteLine("established");
                first = false;
                await Task.Delay(Rest, stop).ContinueWith(_ => { }, TaskScheduler.Default);
            }
            while (!last);
        }
        catch (Exception error) when (error is SocketException or IOException or TimeoutException)
        {
            Interlocked.Increment(ref _broken);
            await Console.Error.WriteLineAsync($"{socket.LocalEndPoint}: {error.Message}");
        }
    }

    private static async Task AnswerAsync(Socket socket, byte[] buffer)
    {
        int have = 0;
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer.AsMemory(have), CancellationToken.None);
            if (read == 0)
                throw new IOException("closed by the other side");
            have += read;
            if (Complete(buffer.AsSpan(0, have)))
                return;
        }
    }

    private static bool Complete(ReadOnlySpan<byte> answer)
    {
        int head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        if (!answer.StartsWith("HTTP/1.1 200"u8))
            throw new IOException("not 200: " + Encoding.ASCII.GetString(answer[..head]));
        int length = answer.IndexOf("Content-Length: "u8) + "Content-Length: ".Length;
        ReadOnlySpan<byte> digits = answer[length..head];
        int end = digits.IndexOf((byte)'\r');
        return answer.Length >= head + 4 + int.Parse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture);
    }

    private void Took(long ticks)
    {
        Interlocked.Increment(ref _answers);
        long longest = Interlocked.Read(ref _longest);
        while (ticks > longest)
            longest = Interlocked.CompareExchange(ref _longest, ticks, longest) == longest ? ticks : Interlocked.Read(ref _longest);
    }
}
