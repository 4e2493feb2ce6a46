using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Director.Lab.Traffic;

/// <summary>The header of the PROXY protocol, version 2, read as a server would that knows nothing of the director.</summary>
internal static class ProxyIntroduction
{
    private const int FixedLength = 16;

    private static readonly byte[] Signature = "\r\n\r\n\0\r\nQUIT\n"u8.ToArray();

    /// <summary><c>client 10.1.0.2:40001 to 10.1.0.100:80</c>; the socket is then at the stream's first byte.</summary>
    public static async Task<string> ReadAsync(Socket socket, CancellationToken stop)
    {
        byte[] head = await ExactlyAsync(socket, FixedLength, stop);
        // Version 2, PROXY; TCP over IPv4 or IPv6; and how much follows.
        int length = head[13] switch { 0x11 => 4, 0x21 => 16, _ => 0 };
        if (!head.AsSpan(0, 12).SequenceEqual(Signature) || head[12] != 0x21 || length == 0
            || BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(14)) != (2 * length) + 4)
        {
            throw new IOException($"no header of the PROXY protocol: {Convert.ToHexString(head)}");
        }
        byte[] addresses = await ExactlyAsync(socket, (2 * length) + 4, stop);
        IPEndPoint client = new(new IPAddress(addresses.AsSpan(0, length)), BinaryPrimitives.ReadUInt16BigEndian(addresses.AsSpan(2 * length)));
        IPEndPoint service = new(new IPAddress(addresses.AsSpan(length, length)), BinaryPrimitives.ReadUInt16BigEndian(addresses.AsSpan((2 * length) + 2)));
        return $"client {client} to {service}";
    }

    private static async Task<byte[]> ExactlyAsync(Socket socket, int length, CancellationToken stop)
    {
        byte[] bytes = new byte[length];
        for (int have = 0; have < length;)
        {
            int read = await socket.ReceiveAsync(bytes.AsMemory(have), stop);
            have += read > 0 ? read : throw new IOException("ended within the header of the PROXY protocol");
        }
        return bytes;
    }
}
