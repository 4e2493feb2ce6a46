using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>TCP segments as bytes, with right checksums, between two fixed addresses.</summary>
internal static class TcpSegment
{
    private static readonly uint Left = Pipeline.Bench.Ip("10.1.0.2");
    private static readonly uint Right = Pipeline.Bench.Ip("10.1.0.100");

    public static byte[] Make(TcpFlags flags, uint sequence, uint acknowledgment = 0, ushort window = 65535, byte[]? options = null, ReadOnlySpan<byte> payload = default)
    {
        int header = TcpHeader.MinimumLength + (options?.Length ?? 0);
        byte[] segment = new byte[header + payload.Length];
        TcpHeader.Write(segment, 40000, 80, sequence, acknowledgment, flags, window);
        segment[12] = (byte)(header / 4 << 4);
        options?.CopyTo(segment, TcpHeader.MinimumLength);
        payload.CopyTo(segment.AsSpan(header));
        return Sum(segment);
    }

    public static TcpHeader Read(byte[] segment)
    {
        Assert.True(TcpHeader.TryParse(segment, out TcpHeader header, out DropReason reason), reason.ToString());
        return header;
    }

    public static byte[] Sum(byte[] segment)
    {
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), 0);
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), Checksum.Compute(segment, Checksum.PseudoHeader(Left, Right, IpProtocol.Tcp, segment.Length)));
        return segment;
    }

    public static bool IsSound(byte[] segment) =>
        Checksum.Compute(segment, Checksum.PseudoHeader(Left, Right, IpProtocol.Tcp, segment.Length)) == 0;
}
