using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>
/// By the PROXY protocol: a header that stands before the client's first byte in the stream to the server.
/// <list type="bullet">
/// <item>The client's SYN goes on with a sequence number lower by the header's length L, the SYN-ACK comes back with an
/// acknowledgment raised by L. From there on client and server number the client's bytes alike, whatever is acknowledged, repeated or
/// acknowledged selectively, for the connection's life: nothing is left to do, for us or for a director that takes over.</item>
/// <item>The header itself is a segment of ours. It goes before each segment of the client until the server has acknowledged it,
/// so it is repeated when the client repeats. A bare acknowledgment of the client is left out: the header's segment
/// carries it, and if that is lost, the server repeats its SYN-ACK and the client answers again. Otherwise a server
/// that waits for the header, and a client that waits for the server to speak first, would wait forever.</item>
/// <item>What the server acknowledges below the client's first byte is raised to it: no news for the client.</item>
/// </list>
/// </summary>
/// <remarks>
/// The header is what the server trusts, so the client must never get to write in its place. Its place is known from the
/// SYN-ACK, not from SYNs, of which a client can send many; before that nothing but a SYN goes on, after it nothing that begins
/// below the client's first byte, until the place is filled.
/// NOTE: rejected: to put the header into the client's first data segment. It would shift the sequence numbers of one side
/// for the connection's life, and full segments and super-frames have no room.
/// </remarks>
public sealed class ProxyHandover : AddressHandover
{
    public override ClientStep FromClient(ref Handshake handshake, in SegmentFacts segment, IpAddress client)
    {
        uint length = (uint)ProxyHeader.LengthFor(client);
        // Data on a SYN (RFC 7413) is left out; the client sends it again, as it must if a server refuses it.
        if (segment.IsSyn)
            return ClientStep.Copy(segment.Sequence - length, segment.Flags);
        if (segment.Has(TcpFlags.Rst))
            return FromResettingClient(handshake, segment);
        if (handshake.Known == 0 || segment.Has(TcpFlags.Syn) || !segment.Has(TcpFlags.Ack))
            return ClientStep.Drop;
        ClientStep introduced = ClientStep.Introduce(handshake.First - handshake.Missing, TcpFlags.Ack | TcpFlags.Psh) with
        {
            Skip = (int)length - handshake.Missing,
        };
        if (!segment.Occupies || SegmentFacts.IsAfter(handshake.First, segment.Sequence))
            return introduced;
        handshake.NoteSent(segment);
        return introduced with { Passes = true };
    }

    public override ServerStep FromServer(ref Handshake handshake, in SegmentFacts segment, IpAddress client)
    {
        uint length = (uint)ProxyHeader.LengthFor(client);
        uint raised = segment.Acknowledgment + length;
        if (segment.IsSynAck)
        {
            handshake.Begin(raised, length);
            return new ServerStep { Begins = true, Raises = true, Acknowledgment = raised };
        }
        if (!segment.Has(TcpFlags.Ack))
            return ServerStep.Pass;
        // A refusal (RFC 9293 section 3.10.7.1): sequence number 0, and the SYN acknowledged.
        if (segment.Has(TcpFlags.Rst) && segment.Sequence == 0)
            return new ServerStep { Raises = true, Acknowledgment = raised };
        if (handshake.IsPlausible(segment.Acknowledgment))
        {
            handshake.NoteDelivered();
            return new ServerStep { Delivered = true };
        }
        if (handshake.Known == 0 || handshake.First - segment.Acknowledgment > length)
            return ServerStep.Pass;
        handshake.NoteAcknowledged(segment.Acknowledgment);
        return new ServerStep { Raises = true, Acknowledgment = handshake.First };
    }

    public override int WriteOwn(Span<byte> buffer, in ClientStep step, TcpHeader like, in FlowKey client)
    {
        Span<byte> header = WriteHeader(buffer, step, like, 0);
        if (step.Introduces)
        {
            Span<byte> whole = stackalloc byte[ProxyHeader.Ipv6Length];
            Span<byte> missing = whole[step.Skip..ProxyHeader.Write(whole, client.Source, client.SourcePort, client.Destination, client.DestinationPort)];
            missing.CopyTo(buffer[header.Length..]);
            return header.Length + missing.Length;
        }
        // Multipath TCP numbers the bytes of a stream once more (RFC 8684 section 3.3), and would miss ours.
        TcpOptions.Blank(header[TcpHeader.MinimumLength..], TcpOptionKind.Multipath);
        return header.Length;
    }

    // SYN and header stand below what the client calls its first byte.
    public override uint QuotedSequence(in Handshake handshake, uint sequence, IpAddress client)
    {
        uint raised = sequence + (uint)ProxyHeader.LengthFor(client);
        if (handshake.Known == 0 || !SegmentFacts.IsAfter(raised, handshake.First))
            return raised;
        return SegmentFacts.IsAfter(handshake.First, sequence) ? handshake.First : sequence;
    }

    // A reset is obeyed only with exactly the next sequence number (RFC 5961 section 3.2). Whether the server has the header, and so
    // which that is, may not be known yet: then both. (A server that has a part of it says so in its answer, and is reset next.)
    private static ClientStep FromResettingClient(in Handshake handshake, in SegmentFacts segment) =>
        handshake.Known != 0 && segment.Sequence == handshake.First
            ? ClientStep.Copy(handshake.First - handshake.Missing, segment.Flags) with { Passes = true }
            : ClientStep.Pass;
}
