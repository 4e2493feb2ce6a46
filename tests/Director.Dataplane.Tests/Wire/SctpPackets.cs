using System.Buffers.Binary;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>SCTP packets for tests, with a right CRC, also where their chunks are not right.</summary>
internal static class SctpPackets
{
    public static byte[] Of(ushort sourcePort, ushort destinationPort, params ReadOnlySpan<byte[]> chunks)
    {
        List<byte> packet = [.. new byte[SctpHeader.HeaderLength]];
        foreach (byte[] chunk in chunks)
            packet.AddRange(chunk);
        byte[] bytes = [.. packet];
        SctpHeader.Write(bytes, sourcePort, destinationPort, 0xCAFE_F00D);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(SctpHeader.ChecksumOffset), NaiveCrc32c.Of(bytes));
        return bytes;
    }

    /// <summary>A padded chunk whose value counts up from 1.</summary>
    public static byte[] Chunk(byte type, int value = 0, int lengthField = -1)
    {
        byte[] chunk = new byte[(SctpChunk.HeaderLength + value + 3) & ~3];
        chunk[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(chunk.AsSpan(2), (ushort)(lengthField >= 0 ? lengthField : SctpChunk.HeaderLength + value));
        for (int i = 0; i < value; i++)
            chunk[SctpChunk.HeaderLength + i] = (byte)(i + 1);
        return chunk;
    }
}

/// <summary>RFC 9260 appendix A bit by bit: what the fast one is measured against.</summary>
internal static class NaiveCrc32c
{
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint register = uint.MaxValue;
        foreach (byte next in data)
        {
            register ^= next;
            for (int bit = 0; bit < 8; bit++)
                register = (register & 1) != 0 ? (register >> 1) ^ 0x82F63B78 : register >> 1;
        }
        return ~register;
    }
}
