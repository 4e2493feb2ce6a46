using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Director.Lab.Traffic;

/// <summary>One long TCP stream in 64 KB writes, so that the sender's kernel makes the largest offloaded frames that it can.</summary>
internal static class Bulk
{
    private const int WriteSize = 64 * 1024;

    public static async Task SendAsync(IPEndPoint target, long bytes, CancellationToken stop)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(target, stop);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[WriteSize];
        Random random = new(20251);
        for (long left = bytes; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            Memory<byte> write = block.AsMemory(0, (int)Math.Min(left, block.Length));
            hash.AppendData(write.Span);
            for (int sent = 0; sent < write.Length;)
                sent += await socket.SendAsync(write[sent..], stop);
        }
        socket.Shutdown(SocketShutdown.Send);
        // The receiver closes once it has everything.
        if (await socket.ReceiveAsync(block, stop) != 0)
            throw new IOException("the sink does not talk");
        Report(bytes, hash);
    }

    /// <summary>Takes one stream, then ends. What stands before it, in a header of the PROXY protocol, is said.</summary>
    public static async Task ReceiveAsync(int port, bool proxied, CancellationToken stop)
    {
        using Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        listener.Listen();
        Console.WriteLine("listening");
        using Socket socket = await listener.AcceptAsync(stop);
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (proxied)
            Console.WriteLine(await ProxyIntroduction.ReadAsync(socket, stop));
        byte[] block = new byte[4 * WriteSize];
        long bytes = 0;
        while (await socket.ReceiveAsync(block, stop) is var read and > 0)
        {
            hash.AppendData(block, 0, read);
            bytes += read;
        }
        Report(bytes, hash);
    }

    private static void Report(long bytes, IncrementalHash hash) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{{\"bytes\":{bytes},\"sha256\":\"{Convert.ToHexStringLower(hash.GetHashAndReset())}\"}}"));
}
