namespace Director.Dataplane.Wire;

/// <summary>
/// The options of a TCP header (RFC 9293 section 3.2), one after the other: a kind, a length that counts both, a value; kinds 0 and
/// 1 are a single byte. The walk ends with kind 0, with the options, or with one that is longer than what is left.
/// <code>
///   while (options.MoveNext())
///       ... options.Kind, options.Current ...
/// </code>
/// </summary>
public ref struct TcpOptions
{
    private Span<byte> _rest;

    /// <param name="options"><see cref="TcpHeader.Options"/>.</param>
    public TcpOptions(Span<byte> options) => _rest = options;

    public byte Kind { get; private set; }

    /// <summary>The whole option: kind, length and value.</summary>
    public Span<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty || _rest[0] == TcpOptionKind.End)
            return false;
        int length = 1;
        if (_rest[0] != TcpOptionKind.NoOperation)
        {
            length = _rest.Length < 2 ? 0 : _rest[1];
            if (length < 2 || length > _rest.Length)
                return false;
        }
        Kind = _rest[0];
        Current = _rest[..length];
        _rest = _rest[length..];
        return true;
    }

    /// <summary>The first option of a kind, kind and length with it; empty: there is none.</summary>
    public static Span<byte> Find(Span<byte> options, byte kind)
    {
        for (TcpOptions walk = new(options); walk.MoveNext();)
        {
            if (walk.Kind == kind)
                return walk.Current;
        }
        return [];
    }

    /// <summary>Turns every option of a kind into no-operations, so that nothing moves. True: there was one; its checksum is owed.</summary>
    public static bool Blank(Span<byte> options, byte kind)
    {
        bool any = false;
        for (TcpOptions walk = new(options); walk.MoveNext();)
        {
            if (walk.Kind != kind)
                continue;
            walk.Current.Fill(TcpOptionKind.NoOperation);
            any = true;
        }
        return any;
    }

    /// <summary>The same in a segment, whose checksum stays as right, or as wrong, as it was.</summary>
    /// <param name="tcp">The segment.</param>
    /// <param name="kind">Of the options.</param>
    /// <param name="checksumIsPartial">The field has the pseudo-header's sum only, in which options have no part.</param>
    public static bool Blank(TcpHeader tcp, byte kind, bool checksumIsPartial)
    {
        // Options begin and end on even offsets of the segment: their sum counts in the checksum like one word.
        ushort before = (ushort)~Checksum.Compute(tcp.Options);
        if (!Blank(tcp.Options, kind))
            return false;
        if (!checksumIsPartial)
            tcp.Checksum = Checksum.Replace(tcp.Checksum, before, (ushort)~Checksum.Compute(tcp.Options));
        return true;
    }
}
