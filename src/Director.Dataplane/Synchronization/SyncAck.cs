using System.Buffers.Binary;

namespace Director.Dataplane.Synchronization;

/// <summary>What a receiver says besides how far it is. Numbers travel: append only.</summary>
[Flags]
public enum SyncAckFlags : byte
{
    None = 0,

    /// <summary>Something is missing: begin again with a copy of everything.</summary>
    Resync = 0x01,

    /// <summary>The batch is of an owner that is none any more: the receiver knows a later epoch, or owns the addresses itself.</summary>
    Stale = 0x02,

    /// <summary>The copy is complete and what followed has been applied: with this table it could take over.</summary>
    InSync = 0x04,

    /// <summary>The batch is of a version that the receiver does not know.</summary>
    VersionUnknown = 0x08,
}

/// <summary>
/// The answer to a batch: every one of the stream up to <paramref name="Sequence"/> has been applied.
/// </summary>
/// <param name="Flags">What else there is to say.</param>
/// <param name="Epoch">The highest that the receiver knows of.</param>
/// <param name="Stream">The stream that it is about.</param>
/// <param name="Sequence">Of the last batch applied; 0: none.</param>
public readonly record struct SyncAck(SyncAckFlags Flags, ulong Epoch, ulong Stream, ulong Sequence)
{
    /// <summary>Bytes: flags, then three numbers, little-endian.</summary>
    public const int Size = 25;

    public void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)Flags;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[9..], Stream);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[17..], Sequence);
    }

    /// <summary>False: not of this length. Unknown flags are ignored.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SyncAck ack)
    {
        ack = default;
        if (bytes.Length != Size)
            return false;
        ack = new SyncAck(
            (SyncAckFlags)bytes[0],
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[17..]));
        return true;
    }
}
