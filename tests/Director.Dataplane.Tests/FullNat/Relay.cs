using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>A director between two endpoints, as far as the client's address goes: no addresses are translated here.</summary>
internal sealed class Relay(ClientAddress how, Introduction who, Action<byte[]> toServer, Action<byte[]> toClient)
{
    private readonly AddressHandover _handover = AddressHandover.For(how)!;
    private Handshake _handshake;

    public bool Owed { get; private set; } = true;

    /// <summary>Segments of our own that had the address.</summary>
    public int Introductions { get; private set; }

    public int WithoutRoom { get; private set; }

    public void FromClient(byte[] segment)
    {
        TcpHeader tcp = TcpSegment.Read(segment);
        SegmentFacts facts = SegmentFacts.Of(tcp);
        if (!Owed && !facts.IsSyn)
        {
            toServer(segment);
            return;
        }
        ClientStep step = _handover.FromClient(ref _handshake, facts, who.Client);
        WithoutRoom += step.NoRoom ? 1 : 0;
        if (step.HasOwn)
        {
            Introductions += step.Introduces ? 1 : 0;
            byte[] own = new byte[AddressHandover.LongestSegment];
            own.AsSpan().Fill(0xA5);
            toServer(TcpSegment.Sum(own[.._handover.WriteOwn(own, step, tcp, who)]));
        }
        if (!step.Passes)
            return;
        _handover.Clean(tcp, checksumIsPartial: false);
        toServer(segment);
    }

    public void FromServer(byte[] segment)
    {
        TcpHeader tcp = TcpSegment.Read(segment);
        SegmentFacts facts = SegmentFacts.Of(tcp);
        if (Owed || facts.IsSynAck || facts.Has(TcpFlags.Rst))
        {
            ServerStep step = _handover.FromServer(ref _handshake, facts, who.Client);
            if (step.Raises)
                AddressHandover.Raise(tcp, step, checksumIsPartial: false);
            Owed = step.Begins || (Owed && !step.Delivered);
        }
        toClient(segment);
    }
}
