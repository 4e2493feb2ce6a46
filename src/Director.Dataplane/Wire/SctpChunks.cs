using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// A chunk of an SCTP packet (RFC 9260 section 3.2).
/// <code>
///    0               8               16                             31
///   +---------------+---------------+-------------------------------+
///   |      type     |     flags     |  length (with these 4 bytes)  |
///   +---------------+---------------+-------------------------------+
///   |  value, and zeros up to a multiple of 4 that length omits     |
/// </code>
/// </summary>
public readonly ref struct SctpChunk
{
    public const int HeaderLength = 4;

    private readonly ReadOnlySpan<byte> _chunk;

    internal SctpChunk(ReadOnlySpan<byte> chunk) => _chunk = chunk;

    /// <summary>One of <see cref="SctpChunkType"/>, or an extension's.</summary>
    public byte Type => _chunk[0];

    public byte Flags => _chunk[1];

    /// <summary>With the chunk's header, without padding: at least 4 bytes.</summary>
    public int Length => _chunk.Length;

    public ReadOnlySpan<byte> Value => _chunk[HeaderLength..];

    /// <summary>The chunk at the start of <paramref name="bytes"/>, if it is whole.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> bytes, out SctpChunk chunk, out DropReason reason)
    {
        chunk = default;
        if (bytes.Length < HeaderLength)
        {
            reason = DropReason.SctpTruncated;
            return false;
        }
        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        bool possible = length >= HeaderLength && length <= bytes.Length;
        reason = possible ? DropReason.None : DropReason.SctpChunkLengthInvalid;
        if (possible)
            chunk = new SctpChunk(bytes[..length]);
        return possible;
    }
}

/// <summary>The chunks of a packet in their order, for <c>foreach</c>. Each takes at least 4 bytes, so the walk ends with the packet.</summary>
public ref struct SctpChunks
{
    private ReadOnlySpan<byte> _rest;
    private SctpChunk _current;

    internal SctpChunks(ReadOnlySpan<byte> bytes) => _rest = bytes;

    public readonly SctpChunk Current => _current;

    public readonly SctpChunks GetEnumerator() => this;

    public bool MoveNext() => TryMoveNext(out _);

    /// <summary>False with no reason at the end, with one at a chunk that cannot be; never that once the packet has been checked.</summary>
    internal bool TryMoveNext(out DropReason reason)
    {
        reason = DropReason.None;
        if (_rest.IsEmpty || !SctpChunk.TryParse(_rest, out _current, out reason))
            return false;
        // The last one's padding may be missing: it carries nothing.
        int padded = (_current.Length + 3) & ~3;
        _rest = padded < _rest.Length ? _rest[padded..] : default;
        return true;
    }
}

/// <summary>Chunk types (RFC 9260 section 3.2).</summary>
public static class SctpChunkType
{
    public const byte Data = 0;
    public const byte Init = 1;
    public const byte InitAck = 2;
    public const byte Sack = 3;
    public const byte Heartbeat = 4;
    public const byte HeartbeatAck = 5;
    public const byte Abort = 6;
    public const byte Shutdown = 7;
    public const byte ShutdownAck = 8;
    public const byte Error = 9;
    public const byte CookieEcho = 10;
    public const byte CookieAck = 11;
    public const byte ShutdownComplete = 14;
}
