namespace Director.Dataplane.Tests.Wire;

/// <summary>RFC 1071 word by word: what the fast one is measured against.</summary>
internal static class NaiveChecksum
{
    /// <summary>The folded sum, not complemented; 0xFFFF for data whose checksum is right.</summary>
    public static ushort Sum(ReadOnlySpan<byte> data)
    {
        uint sum = 0;
        for (int i = 0; i < data.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)data[i] << 8 : data[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }
        return (ushort)sum;
    }

    /// <summary>The field for data in which it is 0.</summary>
    public static ushort Of(ReadOnlySpan<byte> data) => (ushort)~Sum(data);
}
