using System.Buffers.Binary;

namespace Director.Dataplane.Tests.Wire;

/// <summary>Small damage, as fuzzers do it, and now and then a repaired header checksum, so that damage gets past it.</summary>
internal static class Mutation
{
    private static readonly byte[] Interesting = [0, 1, 4, 5, 7, 8, 0x0F, 0x10, 0x40, 0x45, 0x4F, 0x7F, 0x80, 0xF0, 0xFE, 0xFF];

    public static byte[] Of(byte[] original, Random random)
    {
        byte[] frame = [.. original];
        for (int steps = random.Next(1, 5); steps > 0; steps--)
            frame = Step(frame, random);
        if (random.Next(2) == 0)
        {
            if (frame.Length > 14 && frame[14] >> 4 == 6)
                RepairIcmpv6Checksum(frame);
            else
                RepairHeaderChecksum(frame);
        }
        return frame;
    }

    private static byte[] Step(byte[] frame, Random random)
    {
        if (frame.Length == 0)
            return [(byte)random.Next(256)];
        int at = random.Next(Math.Min(frame.Length, 100));
        switch (random.Next(6))
        {
            case 0:
                frame[at] ^= (byte)(1 << random.Next(8));
                return frame;
            case 1:
                frame[at] = (byte)random.Next(256);
                return frame;
            case 2:
                frame[at] = Interesting[random.Next(Interesting.Length)];
                return frame;
            case 3:
                return frame[..random.Next(frame.Length)];
            case 4:
                return [.. frame, .. new byte[random.Next(1, 20)]];
            default:
                return [.. frame[..at], .. frame[(at + 1)..]];
        }
    }

    // Directly behind the IPv6 header, or behind one of hop-by-hop options.
    private static void RepairIcmpv6Checksum(Span<byte> frame)
    {
        int at = frame.Length > 56 && frame[20] == 0 ? 54 + 8 + (frame[55] * 8) : 54;
        if (frame.Length < at + 4)
            return;
        Span<byte> message = frame[at..];
        message[2..4].Clear();
        byte[] covered = [.. frame[22..54], 0, 0, (byte)(message.Length >> 8), (byte)message.Length, 0, 0, 0, 58, .. message];
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], NaiveChecksum.Of(covered));
    }

    private static void RepairHeaderChecksum(Span<byte> frame)
    {
        if (frame.Length < 34)
            return;
        Span<byte> header = frame[14..Math.Min(frame.Length, 14 + Math.Max(20, (frame[14] & 15) * 4))];
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], NaiveChecksum.Of(header));
    }
}
