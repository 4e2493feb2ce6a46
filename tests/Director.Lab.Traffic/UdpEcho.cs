using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Director.Lab.Traffic;

/// <summary>A UDP server that answers <c>NAME QUESTION</c>, and its client.</summary>
internal static class UdpEcho
{
    /// <param name="local">A server with several addresses answers from the one asked only if it listens at that one.</param>
    public static async Task ServeAsync(IPEndPoint local, string name, CancellationToken stop)
    {
        using Socket socket = Bound(local);
        Console.WriteLine("listening");
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (true)
            {
                SocketReceiveFromResult question = await socket.ReceiveFromAsync(buffer, local, stop);
                string answer = $"{name} {Encoding.ASCII.GetString(buffer, 0, question.ReceivedBytes)}";
                await socket.SendToAsync(Encoding.ASCII.GetBytes(answer), question.RemoteEndPoint, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // SIGTERM: done.
        }
    }

    /// <summary>A server that takes everything and answers nothing: its buffer is full at once, and the kernel drops the rest.</summary>
    public static async Task SwallowAsync(int port, CancellationToken stop)
    {
        using Socket socket = Bound(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.ReceiveBufferSize = 0; // the least that there is
        Console.WriteLine("listening");
        await Task.Delay(Timeout.Infinite, stop).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static Socket Bound(IPEndPoint local)
    {
        Socket socket = new(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        if (local.Address.Equals(IPAddress.IPv6Any))
            socket.DualMode = true;
        socket.Bind(local);
        return socket;
    }

    /// <summary>Each question from a port of its own: one connection each. Prints who answered; an answer must come from where the question went.</summary>
    public static async Task<int> AskAsync(IPEndPoint target, int questions, CancellationToken stop)
    {
        byte[] buffer = new byte[64 * 1024];
        for (int i = 0; i < questions; i++)
        {
            using Socket socket = new(target.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            string question = string.Create(CultureInfo.InvariantCulture, $"question-{i}");
            await socket.SendToAsync(Encoding.ASCII.GetBytes(question), target, stop);
            SocketReceiveFromResult answer = await socket.ReceiveFromAsync(buffer, target, stop)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(5), stop);
            string[] words = Encoding.ASCII.GetString(buffer, 0, answer.ReceivedBytes).Split(' ');
            if (!answer.RemoteEndPoint.Equals(target) || words.Length != 2 || words[1] != question)
            {
                await Console.Error.WriteLineAsync($"asked {target} {question}, got {string.Join(' ', words)} from {answer.RemoteEndPoint}");
                return 1;
            }
            Console.WriteLine(words[0]);
        }
        return 0;
    }
}
