using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FullNat;

/// <summary>
/// By the TCP option TOA, which the server's kernel module reads from the segment that completes the handshake. Until the server
/// shows that it is complete, the client's bare acknowledgments go on with the option, and before what cannot grow (data, of
/// which a segment may be full, or a super-frame) goes an acknowledgment of ours with it. Sequence numbers stay as they are.
/// </summary>
/// <remarks>A TOA that the client wrote itself would be believed: it is blanked.</remarks>
public sealed class ToaHandover : AddressHandover
{
    public override ClientStep FromClient(ref Handshake handshake, in SegmentFacts segment, IpAddress client)
    {
        if (segment.Has(TcpFlags.Syn | TcpFlags.Rst) || !segment.Has(TcpFlags.Ack))
            return ClientStep.Pass;
        handshake.NoteSent(segment);
        if (segment.HeaderLength + LengthFor(client) > LongestTcpHeader)
            return ClientStep.Pass with { NoRoom = true };
        return segment.Occupies
            ? ClientStep.Introduce(segment.Sequence, TcpFlags.Ack) with { Passes = true }
            : ClientStep.Introduce(segment.Sequence, segment.Flags);
    }

    public override ServerStep FromServer(ref Handshake handshake, in SegmentFacts segment, IpAddress client)
    {
        if (segment.IsSynAck)
        {
            handshake.Begin(segment.Acknowledgment, 0);
            return new ServerStep { Begins = true };
        }
        // Before the handshake is complete, a server sends neither data nor FIN, and acknowledges nothing but the SYN.
        bool complete = segment.Occupies || (segment.Acknowledgment != handshake.First && handshake.IsPlausible(segment.Acknowledgment));
        if (!complete || !segment.Has(TcpFlags.Ack) || segment.Has(TcpFlags.Syn | TcpFlags.Rst))
            return ServerStep.Pass;
        handshake.NoteDelivered();
        return new ServerStep { Delivered = true };
    }

    public override int WriteOwn(Span<byte> buffer, in ClientStep step, TcpHeader like, in FlowKey client)
    {
        int length = step.Introduces ? LengthFor(client.Source) : 0;
        Span<byte> header = WriteHeader(buffer, step, like, length);
        Blank(header[(TcpHeader.MinimumLength + length)..]);
        if (length > 0)
            ToaOption.Write(header[TcpHeader.MinimumLength..], client.Source, client.SourcePort);
        return header.Length;
    }

    public override void Clean(TcpHeader passing, bool checksumIsPartial)
    {
        TcpOptions.Blank(passing, TcpOptionKind.ToaIpv4, checksumIsPartial);
        TcpOptions.Blank(passing, TcpOptionKind.ToaIpv6, checksumIsPartial);
    }

    private static void Blank(Span<byte> options)
    {
        TcpOptions.Blank(options, TcpOptionKind.ToaIpv4);
        TcpOptions.Blank(options, TcpOptionKind.ToaIpv6);
    }

    private static int LengthFor(IpAddress client) => client.IsIpv4 ? ToaOption.Ipv4Length : ToaOption.Ipv6Length;
}
