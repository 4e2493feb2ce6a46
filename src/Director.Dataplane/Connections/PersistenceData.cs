using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Director.Dataplane.Connections;

/// <summary>
/// What a persistence engine told a template's clients apart by (SIP: the Call-ID), at the record's number in a part of its own.
/// Only such templates touch theirs.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public struct PersistenceData
{
    public const int Size = 256;

    /// <summary>IPVS's limit (IP_VS_PEDATA_MAXLEN).</summary>
    public const int MostBytes = 255;

    private byte _length;
    private Text _text;

    [UnscopedRef]
    public readonly ReadOnlySpan<byte> Bytes => ((ReadOnlySpan<byte>)_text)[.._length];

    internal void Set(ReadOnlySpan<byte> data)
    {
        data.CopyTo(_text);
        _length = (byte)data.Length;
    }

    [InlineArray(MostBytes)]
    private struct Text
    {
        private byte _first;
    }
}
