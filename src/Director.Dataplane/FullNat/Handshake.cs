using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>
/// What has to be known of a connection until its server knows the client's address. All zero at first. Sequence numbers are the
/// client's own.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct Handshake
{
    /// <summary>Of the client's first byte, as the server's SYN-ACK has it.</summary>
    public uint First;

    /// <summary>Behind the last of the client's bytes that went on, as far as they were noted: the server cannot acknowledge more.</summary>
    public uint SentUpTo;

    /// <summary>Bytes of ours before the client's first that the server has not acknowledged.</summary>
    public ushort Missing;

    /// <summary>0: nothing here means anything; 1: the server's SYN-ACK has passed; 2: and the server has had the address since.</summary>
    public ushort Known;

    private const ushort Answered = 1;
    private const ushort Delivered = 2;

    /// <summary>The server has answered a SYN.</summary>
    internal void Begin(uint first, uint missing)
    {
        if (Known == 0 || First != first)
        {
            First = first;
            SentUpTo = first;
            Missing = (ushort)missing;
        }
        else if (Known == Delivered)
        {
            // The same answer, late, or (the client chooses this number) of a connection that only looks the same: the address is
            // owed again. But what went on since it was delivered is not noted, so whatever the server acknowledges may be of it.
            SentUpTo = First + int.MaxValue;
        }
        Known = Answered;
    }

    internal void NoteDelivered()
    {
        if (Known != 0)
            Known = Delivered;
    }

    internal void NoteAcknowledged(uint acknowledgment) => Missing = (ushort)Math.Min(Missing, First - acknowledgment);

    internal void NoteSent(in SegmentFacts segment)
    {
        if (Known != 0 && SegmentFacts.IsAfter(segment.End, SentUpTo))
            SentUpTo = segment.End;
    }

    /// <summary>An acknowledgment of a byte that the server has from this connection, or of none of them yet.</summary>
    internal readonly bool IsPlausible(uint acknowledgment) =>
        Known != 0 && !SegmentFacts.IsAfter(First, acknowledgment) && !SegmentFacts.IsAfter(acknowledgment, SentUpTo);
}

/// <summary>What decides over a segment. <paramref name="Length"/> is its payload's, in bytes.</summary>
public readonly record struct SegmentFacts(TcpFlags Flags, uint Sequence, uint Acknowledgment, int HeaderLength, int Length)
{
    public static SegmentFacts Of(TcpHeader tcp) => new(tcp.Flags, tcp.SequenceNumber, tcp.AcknowledgmentNumber, tcp.DataOffset, tcp.Payload.Length);

    public bool IsSyn => (Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == TcpFlags.Syn;

    public bool IsSynAck => (Flags & (TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Rst)) == (TcpFlags.Syn | TcpFlags.Ack);

    public bool Has(TcpFlags flag) => (Flags & flag) != 0;

    /// <summary>It takes up sequence numbers (and so will be repeated until it is acknowledged).</summary>
    public bool Occupies => Length > 0 || Has(TcpFlags.Syn | TcpFlags.Fin);

    /// <summary>The sequence number behind it.</summary>
    public uint End => Sequence + (uint)Length + (Has(TcpFlags.Syn) ? 1u : 0) + (Has(TcpFlags.Fin) ? 1u : 0);

    /// <summary>Sequence numbers go round (RFC 9293 section 3.4).</summary>
    public static bool IsAfter(uint sequence, uint other) => (int)(sequence - other) > 0;
}
