using Director.Dataplane.Connections;
using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>What stands between two endpoints.</summary>
internal interface IBetween
{
    /// <summary>The server does not know yet who the client is.</summary>
    bool Owed { get; }

    void FromClient(byte[] segment);

    void FromServer(byte[] segment);
}

/// <summary>A director between two endpoints, as far as the client's address goes: no addresses are translated here.</summary>
internal sealed class Relay(ClientAddress how, FlowKey who, Action<byte[]> toServer, Action<byte[]> toClient) : IBetween
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
        ClientStep step = _handover.FromClient(ref _handshake, facts, who.Source);
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
            ServerStep step = _handover.FromServer(ref _handshake, facts, who.Source);
            if (step.Raises)
                AddressHandover.Raise(tcp, step, checksumIsPartial: false);
            Owed = step.Begins || (Owed && !step.Delivered);
        }
        toClient(segment);
    }
}
