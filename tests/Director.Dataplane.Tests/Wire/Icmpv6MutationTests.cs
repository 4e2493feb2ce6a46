using System.Buffers.Binary;
using Director.Dataplane.Wire;
using static Director.Dataplane.Tests.Wire.Ipv6Bytes;

namespace Director.Dataplane.Tests.Wire;

/// <summary>
/// Messages of the kernel, cut off anywhere and damaged, with payload length and checksum mended, so that the damage gets as far as
/// the messages' own parsers.
/// </summary>
public sealed class Icmpv6MutationTests
{
    public static TheoryData<string> Recordings =>
    [
        "echo-request", "neighbor-solicitation", "neighbor-solicitation-probe-with-nonce", "neighbor-advertisement-answer",
        "neighbor-advertisement-unsolicited", "router-solicitation", "listener-query-version-1", "listener-query-version-2",
        "listener-report-joins", "unreachable-port-quoting-17", "parameter-problem-option-quoting-17",
    ];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Every_truncation_is_survived(string recording)
    {
        byte[] packet = Recorded(recording);
        int message = MessageAt(packet);
        Assert.Equal(DropReason.None, Probe(packet));
        for (int length = message; length < packet.Length; length++)
        {
            DropReason reason = Probe(Mended(packet[..length]));
            Assert.True(length - message >= 8 || reason == DropReason.IcmpTruncated);
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Every_byte_changed_is_survived(string recording)
    {
        byte[] packet = Recorded(recording);
        for (int at = 40; at < packet.Length; at++)
        {
            foreach (byte value in (byte[])[0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF, (byte)(packet[at] + 1), (byte)(packet[at] - 1)])
            {
                byte[] changed = [.. packet];
                changed[at] = value;
                Probe(Mended(changed));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Recordings))]
    public void Seeded_damage_is_survived(string recording)
    {
        byte[] packet = Recorded(recording);
        int message = MessageAt(packet);
        Random random = new(4861);
        for (int round = 0; round < 5000; round++)
        {
            byte[] damaged = random.Next(3) switch
            {
                0 => packet[..random.Next(message, packet.Length)],
                1 => [.. packet, .. packet.AsSpan(random.Next(message, packet.Length))],
                _ => [.. packet],
            };
            for (int changes = random.Next(4); changes > 0 && damaged.Length > message; changes--)
                damaged[random.Next(message, damaged.Length)] = (byte)random.Next(random.Next(2) == 0 ? 256 : 4);
            Probe(Mended(damaged));
        }
    }

    // Only reads, whatever it reads.
    private static DropReason Probe(byte[] packet)
    {
        byte[] before = [.. packet];
        DropReason reason = Ipv6Probe.Packet(packet);
        Assert.Equal(before, packet);
        return reason;
    }

    private static int MessageAt(byte[] packet) => packet[6] == 0 ? 48 : 40;

    private static byte[] Mended(byte[] packet)
    {
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)(packet.Length - 40));
        Span<byte> message = packet.AsSpan(MessageAt(packet));
        if (message.Length < 4)
            return packet;
        message[2..4].Clear();
        byte[] covered = [.. packet[8..40], 0, 0, (byte)(message.Length >> 8), (byte)message.Length, 0, 0, 0, 58, .. message];
        BinaryPrimitives.WriteUInt16BigEndian(message[2..], NaiveChecksum.Of(covered));
        return packet;
    }
}
