using System.Buffers.Binary;

namespace Director.Dataplane.Control.Messages;

/// <summary>
/// The first 16 bytes of every frame of every protocol version, little-endian:
/// <code>
///  0       4     6       8                16
/// +-------+-----+-------+----------------+------ - -
/// |length |type |flags  |correlation     | body, length bytes
/// +-------+-----+-------+----------------+------ - -
/// </code>
/// </summary>
public readonly record struct FrameHeader(uint Length, MessageType Type, ushort Flags, ulong Correlation)
{
    public const int Size = 16;

    /// <summary>
    /// No body is longer. (10,000 services with ten servers each are 4 MB.) Announcing a length allocates nothing: buffers
    /// grow with the bytes that really came.
    /// </summary>
    public const int MaximumLength = 64 << 20;

    /// <summary>Before the hello was accepted a peer may say only so much.</summary>
    public const int MaximumHelloLength = 4096;

    public static FrameHeader Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        (MessageType)BinaryPrimitives.ReadUInt16LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Length);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], (ushort)Type);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], Flags);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Correlation);
    }
}
