using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An Ethernet II header (IEEE 802.3). Packet sockets deliver frames without FCS and with an 802.1Q tag taken out.
/// <code>
///   0                   6                  12      14
///   +-------------------+-------------------+-------+---------
///   |    destination    |      source       | type  | payload
///   +-------------------+-------------------+-------+---------
/// </code>
/// </summary>
public readonly ref struct EthernetHeader
{
    public const int Length = 14;

    private readonly Span<byte> _frame;

    private EthernetHeader(Span<byte> frame) => _frame = frame;

    public MacAddress Destination
    {
        get => MacAddress.Read(_frame);
        set => value.Write(_frame);
    }

    public MacAddress Source
    {
        get => MacAddress.Read(_frame[6..]);
        set => value.Write(_frame[6..]);
    }

    /// <summary>One of <see cref="Wire.EtherType"/>'s, or an 802.3 length when below 0x0600.</summary>
    public ushort EtherType
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_frame[12..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_frame[12..], value);
    }

    /// <summary>What follows, with the padding that short frames have.</summary>
    public Span<byte> Payload => _frame[Length..];

    public static bool TryParse(Span<byte> frame, out EthernetHeader header, out DropReason reason)
    {
        bool whole = frame.Length >= Length;
        header = whole ? new EthernetHeader(frame) : default;
        reason = whole ? DropReason.None : DropReason.EthernetTruncated;
        return whole;
    }

    /// <summary>Writes all 14 bytes.</summary>
    public static void Write(Span<byte> buffer, MacAddress destination, MacAddress source, ushort etherType) =>
        _ = new EthernetHeader(buffer[..Length]) { Destination = destination, Source = source, EtherType = etherType };
}
