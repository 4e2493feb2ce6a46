using System.Buffers.Binary;

namespace Director.Dataplane.Wire;

/// <summary>
/// An ARP packet for IPv4 over Ethernet (RFC 826); other hardware and protocols are refused. Bytes after the 28 are padding.
/// <code>
///    0      7 8     15 16                31
///   +-----------------+-------------------+
///   |  hardware = 1   | protocol = 0x0800 |
///   +--------+--------+-------------------+
///   | size 6 | size 4 |     operation     |
///   +--------+--------+-------------------+
///   |  sender MAC (8..13), sender IPv4 (14..17)  |
///   |  target MAC (18..23), target IPv4 (24..27) |
/// </code>
/// </summary>
public readonly ref struct ArpPacket
{
    public const int Length = 28;
    public const ushort Request = 1;
    public const ushort Reply = 2;

    // Hardware Ethernet, protocol IPv4, address sizes 6 and 4.
    private const ulong Kind = 0x0001_0800_0604;

    private readonly Span<byte> _packet;

    private ArpPacket(Span<byte> packet) => _packet = packet;

    public ushort Operation
    {
        get => BinaryPrimitives.ReadUInt16BigEndian(_packet[6..]);
        set => BinaryPrimitives.WriteUInt16BigEndian(_packet[6..], value);
    }

    public MacAddress SenderMac
    {
        get => MacAddress.Read(_packet[8..]);
        set => value.Write(_packet[8..]);
    }

    public uint SenderAddress
    {
        get => BinaryPrimitives.ReadUInt32BigEndian(_packet[14..]);
        set => BinaryPrimitives.WriteUInt32BigEndian(_packet[14..], value);
    }

    public MacAddress TargetMac
    {
        get => MacAddress.Read(_packet[18..]);
        set => value.Write(_packet[18..]);
    }

    public uint TargetAddress
    {
        get => BinaryPrimitives.ReadUInt32BigEndian(_packet[24..]);
        set => BinaryPrimitives.WriteUInt32BigEndian(_packet[24..], value);
    }

    public static bool TryParse(Span<byte> payload, out ArpPacket packet, out DropReason reason)
    {
        packet = default;
        if (payload.Length < Length)
        {
            reason = DropReason.ArpTruncated;
            return false;
        }
        if (BinaryPrimitives.ReadUInt64BigEndian(payload) >> 16 != Kind)
        {
            reason = DropReason.ArpInvalid;
            return false;
        }
        packet = new ArpPacket(payload[..Length]);
        reason = DropReason.None;
        return true;
    }

    /// <summary>Writes all 28 bytes.</summary>
    public static void Write(
        Span<byte> buffer, ushort operation, MacAddress senderMac, uint sender, MacAddress targetMac, uint target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer, (Kind << 16) | operation);
        _ = new ArpPacket(buffer)
        {
            SenderMac = senderMac,
            SenderAddress = sender,
            TargetMac = targetMac,
            TargetAddress = target,
        };
    }
}
