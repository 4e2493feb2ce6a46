namespace Director.Actors.Replication;

/// <summary>Cuts bytes that are too many for one message, and puts them together again.</summary>
internal sealed class Parts
{
    /// <summary>Bytes in one message: more would hold up heartbeats behind it.</summary>
    public const int Largest = 60 * 1024;

    /// <summary>What is put together at most, in bytes.</summary>
    private const int Limit = 256 * 1024 * 1024;

    private readonly List<byte[]> _parts = [];
    private long _length;

    /// <summary>At least one, the last one marked.</summary>
    public static IEnumerable<(uint Part, bool IsLast, byte[] Bytes)> Of(byte[] bytes)
    {
        int count = Math.Max(1, (bytes.Length + Largest - 1) / Largest);
        return Enumerable.Range(0, count).Select(i => ((uint)i, i == count - 1, bytes[(i * Largest)..Math.Min(bytes.Length, (i + 1) * Largest)]));
    }

    /// <summary>False: a part is missing, or there is too much of it.</summary>
    public bool Add(uint part, byte[] bytes)
    {
        if (part != _parts.Count || _length + bytes.Length > Limit)
            return false;
        _parts.Add(bytes);
        _length += bytes.Length;
        return true;
    }

    public byte[] ToArray()
    {
        byte[] all = new byte[_length];
        int at = 0;
        foreach (byte[] part in _parts)
        {
            part.CopyTo(all, at);
            at += part.Length;
        }
        return all;
    }
}
