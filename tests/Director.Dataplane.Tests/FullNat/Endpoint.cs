using System.Buffers.Binary;
using Director.Dataplane.FullNat;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.FullNat;

/// <summary>
/// A small TCP, after RFC 9293 section 3.10.7 and, strict about acknowledgments and resets, RFC 5961: handshake, cumulative and
/// selective acknowledgment, windows down to none, repetition, FIN, RST. Time is a number of steps.
/// </summary>
internal sealed class Endpoint(EndpointSettings settings, Random random, Action<byte[]> output)
{
    private const int Patience = 40;

    private readonly Dictionary<uint, byte> _early = [];
    private int _now;
    private int _timer;
    private int _backoff = 1;
    private int _unread;
    private uint _next;
    private uint _highest;
    private uint _unacknowledged;
    private uint _expected;
    private uint _edge;
    private uint _largestWindow;
    private uint? _peersEnd;

    public EndpointState State { get; private set; }

    public List<byte> Received { get; } = [];

    public bool PeerHasEnded { get; private set; }

    /// <summary>All that it sends is acknowledged, FIN and all.</summary>
    public bool HasEnded => State == EndpointState.Established && _unacknowledged == EndOfStream + 1;

    /// <summary>It has nothing to say, or waits for the peer to speak.</summary>
    public bool IsQuiet => State == EndpointState.Established && (!Speaks || _unacknowledged == EndOfStream + 1);

    /// <summary>The TOA option of the segment that completed the handshake.</summary>
    public byte[] Introduction { get; private set; } = [];

    /// <summary>What no peer should ever have sent.</summary>
    public List<string> Complaints { get; } = [];

    private uint FirstByte => settings.InitialSequence + 1;

    private uint EndOfStream => FirstByte + (uint)settings.Sends.Length;

    private uint ReceiveWindow => (uint)Math.Max(settings.Buffer - _unread, 0);

    // What the peer has offered it does not take back (RFC 9293 section 3.8.6): the furthest edge is the latest, however windows
    // overtake each other on the way.
    private uint Window => SegmentFacts.IsAfter(_edge, _unacknowledged) ? _edge - _unacknowledged : 0;

    private bool Speaks => Received.Count >= settings.ListensFor;

    public void Connect()
    {
        State = EndpointState.SynSent;
        _unacknowledged = settings.InitialSequence;
        _next = _highest = FirstByte;
        SendSyn();
    }

    public void Listen() => State = EndpointState.Listen;

    /// <summary>The program gives up: a reset, and nothing more.</summary>
    public void Abort()
    {
        if (State == EndpointState.Established)
            Send(TcpFlags.Rst, _highest, 0);
        State = EndpointState.Closed;
    }

    public void Step(int now)
    {
        _now = now;
        if (now >= settings.ReadsFrom && random.Next(4) == 0)
            ReadSome();
        bool due = now >= _timer;
        if (State == EndpointState.Established)
            SendStream(due);
        else if (due && (State is EndpointState.SynSent or EndpointState.SynReceived))
            RepeatSyn();
        if (settings.Probes && State == EndpointState.Established && random.Next(100) == 0)
            Send(TcpFlags.Ack, _unacknowledged - 1, _expected, "?"u8);
    }

    public void Receive(byte[] segment)
    {
        if (!TcpSegment.IsSound(segment))
        {
            Complaints.Add("a wrong checksum");
            return;
        }
        TcpHeader tcp = TcpSegment.Read(segment);
        SegmentFacts facts = SegmentFacts.Of(tcp);
        switch (State)
        {
            case EndpointState.Closed:
                AnswerClosed(facts);
                break;
            case EndpointState.Listen:
                ReceiveListening(facts, tcp);
                break;
            case EndpointState.SynSent:
                ReceiveSynSent(facts, tcp);
                break;
            default:
                ReceiveSynchronized(facts, tcp);
                break;
        }
    }

    private void AnswerClosed(in SegmentFacts facts)
    {
        if (facts.Has(TcpFlags.Rst))
            return;
        if (facts.Has(TcpFlags.Ack))
            Send(TcpFlags.Rst, facts.Acknowledgment, 0);
        else
            Send(TcpFlags.Rst | TcpFlags.Ack, 0, facts.End);
    }

    private void ReceiveListening(in SegmentFacts facts, TcpHeader tcp)
    {
        if (facts.Has(TcpFlags.Rst))
            return;
        if (!facts.IsSyn)
        {
            AnswerClosed(facts);
            return;
        }
        State = EndpointState.SynReceived;
        _unacknowledged = settings.InitialSequence;
        _next = _highest = FirstByte;
        Expect(facts, tcp);
        SendSyn();
    }

    private void ReceiveSynSent(in SegmentFacts facts, TcpHeader tcp)
    {
        bool acceptable = facts.Has(TcpFlags.Ack) && facts.Acknowledgment == FirstByte;
        if (facts.Has(TcpFlags.Rst))
        {
            if (acceptable)
                State = EndpointState.Closed;
            return;
        }
        if (facts.Has(TcpFlags.Ack) && !acceptable)
        {
            Complaints.Add("an acknowledgment of what was never sent");
            Send(TcpFlags.Rst, facts.Acknowledgment, 0);
            return;
        }
        if (!facts.IsSynAck)
            return;
        _unacknowledged = FirstByte;
        State = EndpointState.Established;
        Expect(facts, tcp);
        SendAcknowledgment();
    }

    private void Expect(in SegmentFacts syn, TcpHeader tcp)
    {
        _expected = syn.Sequence + 1;
        _largestWindow = tcp.Window;
        _edge = _unacknowledged + tcp.Window;
        _timer = _now + Patience;
    }

    private void ReceiveSynchronized(in SegmentFacts facts, TcpHeader tcp)
    {
        if (State == EndpointState.SynReceived && facts.IsSyn && facts.Sequence + 1 == _expected)
        {
            SendSyn();
            return;
        }
        if (!IsAcceptable(facts))
        {
            if (!facts.Has(TcpFlags.Rst))
                SendAcknowledgment();
            return;
        }
        if (facts.Has(TcpFlags.Rst) && facts.Sequence == _expected)
        {
            State = EndpointState.Closed;
            return;
        }
        if (facts.Has(TcpFlags.Rst | TcpFlags.Syn))
        {
            SendAcknowledgment();
            return;
        }
        if (!facts.Has(TcpFlags.Ack) || !TakeAcknowledgment(facts, tcp))
            return;
        TakePayload(facts, tcp);
    }

    // RFC 9293 section 3.4: some of it lies in the window.
    private bool IsAcceptable(in SegmentFacts facts)
    {
        uint length = facts.End - facts.Sequence;
        uint window = ReceiveWindow;
        if (length == 0)
            return facts.Sequence == _expected || facts.Sequence - _expected < window;
        return window > 0 && (facts.Sequence - _expected < window || facts.Sequence + length - 1 - _expected < window);
    }

    private bool TakeAcknowledgment(in SegmentFacts facts, TcpHeader tcp)
    {
        uint acknowledged = facts.Acknowledgment;
        if (State == EndpointState.SynReceived)
        {
            if (acknowledged != FirstByte)
            {
                Complaints.Add("the handshake is completed with another number");
                Send(TcpFlags.Rst, acknowledged, 0);
                return false;
            }
            State = EndpointState.Established;
            _unacknowledged = FirstByte;
            Introduction = [.. TcpOptions.Find(tcp.Options, TcpOptionKind.ToaIpv4), .. TcpOptions.Find(tcp.Options, TcpOptionKind.ToaIpv6)];
        }
        if (SegmentFacts.IsAfter(acknowledged, _highest))
        {
            Complaints.Add("an acknowledgment of what was never sent");
            SendAcknowledgment();
            return false;
        }
        if (SegmentFacts.IsAfter(_unacknowledged - _largestWindow, acknowledged))
        {
            SendAcknowledgment();
            return false;
        }
        CheckBlocks(acknowledged, tcp);
        if (SegmentFacts.IsAfter(acknowledged, _unacknowledged))
        {
            _unacknowledged = acknowledged;
            if (SegmentFacts.IsAfter(acknowledged, _next))
                _next = acknowledged;
            _backoff = 1;
            _timer = _now + Patience;
        }
        _largestWindow = Math.Max(_largestWindow, tcp.Window);
        if (SegmentFacts.IsAfter(acknowledged + tcp.Window, _edge))
            _edge = acknowledged + tcp.Window;
        return true;
    }

    private void CheckBlocks(uint acknowledged, TcpHeader tcp)
    {
        Span<byte> option = TcpOptions.Find(tcp.Options, TcpOptionKind.SelectiveAcknowledgment);
        if (option.IsEmpty)
            return;
        uint from = BinaryPrimitives.ReadUInt32BigEndian(option[2..]);
        uint to = BinaryPrimitives.ReadUInt32BigEndian(option[6..]);
        if (!SegmentFacts.IsAfter(from, acknowledged) || !SegmentFacts.IsAfter(to, from) || SegmentFacts.IsAfter(to, _highest))
            Complaints.Add($"a block {from - FirstByte}-{to - FirstByte} beside {acknowledged - FirstByte}");
    }

    private void TakePayload(in SegmentFacts facts, TcpHeader tcp)
    {
        ReadOnlySpan<byte> payload = tcp.Payload;
        uint window = ReceiveWindow;
        for (int i = 0; i < payload.Length; i++)
        {
            uint at = facts.Sequence + (uint)i;
            if (at - _expected < window)
                _early.TryAdd(at, payload[i]);
        }
        if (facts.Has(TcpFlags.Fin))
            _peersEnd = facts.End - 1;
        while (_early.Remove(_expected, out byte next))
        {
            Received.Add(next);
            _unread++;
            _expected++;
        }
        if (_peersEnd == _expected)
        {
            PeerHasEnded = true;
            _expected++;
        }
        if (facts.Occupies)
            SendAcknowledgment();
    }

    private void ReadSome()
    {
        bool wasClosed = ReceiveWindow == 0;
        _unread -= random.Next(_unread + 1);
        if (wasClosed && ReceiveWindow > 0 && State == EndpointState.Established)
            SendAcknowledgment();
    }

    private void SendStream(bool due)
    {
        if (!Speaks || _unacknowledged == EndOfStream + 1)
            return;
        if (due)
        {
            _backoff = Math.Min(_backoff * 2, 8);
            _timer = _now + (Patience * _backoff);
            // A window of none is probed with one byte beyond it (RFC 9293 section 3.8.6.1).
            _next = _unacknowledged;
            SendOne(Math.Max(Window, 1));
            return;
        }
        if (_next == _unacknowledged && Window > 0)
            _timer = _now + (Patience * _backoff);
        for (int burst = 0; burst < 3 && _next != EndOfStream + 1 && _next - _unacknowledged < Window; burst++)
            SendOne(Window - (_next - _unacknowledged));
    }

    private void SendOne(uint room)
    {
        uint left = EndOfStream - _next;
        int length = (int)Math.Min(Math.Min((uint)settings.MaximumSegment, left), room);
        bool last = length == left && (uint)length < room;
        ReadOnlySpan<byte> payload = settings.Sends.AsSpan((int)(_next - FirstByte), length);
        Send(TcpFlags.Ack | (last ? TcpFlags.Fin : TcpFlags.None), _next, _expected, payload);
        _next += (uint)length + (last ? 1u : 0);
        if (SegmentFacts.IsAfter(_next, _highest))
            _highest = _next;
    }

    private void RepeatSyn()
    {
        _backoff = Math.Min(_backoff * 2, 8);
        SendSyn();
    }

    private void SendSyn()
    {
        _timer = _now + (Patience * _backoff);
        if (State == EndpointState.SynReceived)
            Send(TcpFlags.Syn | TcpFlags.Ack, settings.InitialSequence, _expected);
        else
            Send(TcpFlags.Syn, settings.InitialSequence, 0, settings.DataOnSyn ? settings.Sends.AsSpan(0, Math.Min(10, settings.Sends.Length)) : []);
    }

    // NOTE: rejected: a number within the peer's window, as far as we know it. A peer that has taken the probe of a window of none
    // looks at no number below, and if the same is true the other way round, neither hears any more what the other has.
    private void SendAcknowledgment() => Send(TcpFlags.Ack, _highest, _expected);

    private void Send(TcpFlags flags, uint sequence, uint acknowledgment, ReadOnlySpan<byte> payload = default) =>
        output(TcpSegment.Make(flags, sequence, acknowledgment, (ushort)Math.Min(ReceiveWindow, 65535), Options(flags), payload));

    private byte[] Options(TcpFlags flags)
    {
        List<byte> options = [];
        if (settings.Timestamps)
        {
            options.AddRange([1, 1, TcpOptionKind.Timestamps, 10, .. new byte[8]]);
            BinaryPrimitives.WriteInt32BigEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(options)[4..], _now);
        }
        if (settings.SelectiveAcknowledgment && (flags & (TcpFlags.Syn | TcpFlags.Rst)) == 0 && _early.Count > 0)
        {
            uint from = _expected + _early.Keys.Min(at => at - _expected);
            uint to = from;
            while (_early.ContainsKey(to))
                to++;
            byte[] block = [1, 1, TcpOptionKind.SelectiveAcknowledgment, 10, .. new byte[8]];
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(4), from);
            BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(8), to);
            options.AddRange(block);
        }
        return [.. options];
    }
}

internal enum EndpointState
{
    Closed,
    Listen,
    SynSent,
    SynReceived,
    Established,
}
