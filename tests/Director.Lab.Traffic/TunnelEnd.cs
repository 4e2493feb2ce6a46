using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Director.Lab.Traffic;

/// <summary>
/// A real server's end of a tunnel, for kernels that have none: takes packets out of IP in IP, GRE or GUE and gives them to the
/// kernel by a TUN device. Written from the RFCs, not from the director's code, which it shall prove right.
/// </summary>
internal static class TunnelEnd
{
    private const int Ipip = 4; // IANA's protocol numbers
    private const int Gre = 47;
    private const int ReceiveBuffer = 16 * 1024 * 1024;

    /// <param name="device">Is made.</param>
    /// <param name="type">ipip, gre or gue.</param>
    /// <param name="port">UDP port of gue.</param>
    /// <param name="stop">Ends it; then it tells what it unwrapped.</param>
    public static async Task RunAsync(string device, string type, int port, CancellationToken stop)
    {
        using FileStream tun = TunDevice.Open(device);
        using Socket socket = type switch
        {
            "ipip" => RawSocket.Open(Ipip),
            "gre" => RawSocket.Open(Gre),
            _ => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp),
        };
        socket.ReceiveBufferSize = ReceiveBuffer;
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        Console.WriteLine("listening");
        byte[] buffer = new byte[64 * 1024];
        (long unwrapped, long refused) = (0, 0);
        try
        {
            while (true)
            {
                int length = await socket.ReceiveAsync(buffer, stop);
                if (TryUnwrap(type, buffer.AsSpan(0, length), out ReadOnlySpan<byte> inner))
                {
                    tun.Write(inner);
                    unwrapped++;
                }
                else
                {
                    refused++;
                }
            }
        }
        catch (OperationCanceledException)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{{\"unwrapped\":{unwrapped},\"refused\":{refused}}}"));
        }
    }

    /// <summary>False unless the packet is whole and the inner one is IPv4 of the length that it says.</summary>
    private static bool TryUnwrap(string type, ReadOnlySpan<byte> packet, out ReadOnlySpan<byte> inner)
    {
        inner = type switch
        {
            "ipip" => BehindIp(packet),
            "gre" => BehindGre(BehindIp(packet)),
            _ => BehindGue(packet),
        };
        return inner.Length >= 20 && inner[0] >> 4 == 4 && BinaryPrimitives.ReadUInt16BigEndian(inner[2..]) == inner.Length;
    }

    // Raw sockets get the IP header too.
    private static ReadOnlySpan<byte> BehindIp(ReadOnlySpan<byte> packet) => Behind(packet, (packet[0] & 0x0f) * 4);

    // RFC 2784 section 2: C, reserved bits, version 0, the inner EtherType, and with C a checksum over header and payload.
    private static ReadOnlySpan<byte> BehindGre(ReadOnlySpan<byte> packet)
    {
        const ushort ChecksumBit = 0x8000;
        const ushort EtherTypeIpv4 = 0x0800;
        if (packet.Length < 4 || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != EtherTypeIpv4)
            return default;
        return BinaryPrimitives.ReadUInt16BigEndian(packet) switch
        {
            0 => packet[4..],
            ChecksumBit when OnesComplementSum(packet) == 0xffff => Behind(packet, 8),
            _ => default,
        };
    }

    // draft-ietf-intarea-gue section 3, variant 0, data, no optional fields. (The kernel has looked at UDP's checksum.)
    private static ReadOnlySpan<byte> BehindGue(ReadOnlySpan<byte> packet) =>
        packet.Length > 4 && packet[0] == 0 && packet[1] == Ipip && packet[2] == 0 && packet[3] == 0 ? packet[4..] : default;

    private static ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> packet, int header) => packet.Length > header ? packet[header..] : default;

    private static uint OnesComplementSum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
            sum += (i & 1) == 0 ? (uint)bytes[i] << 8 : bytes[i];
        while (sum > 0xffff)
            sum = (sum & 0xffff) + (sum >> 16);
        return sum;
    }
}
