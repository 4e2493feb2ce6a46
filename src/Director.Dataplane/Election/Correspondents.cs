using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>What to make of a frame.</summary>
public enum FrameVerdict
{
    /// <summary>Said by that director, and said now.</summary>
    Believed,

    /// <summary>Well signed, but nothing shows that it is not a recording: to be answered with our nonce.</summary>
    Unproven,

    /// <summary>Heard before, maybe on the other way.</summary>
    Stale,

    /// <summary>Our own, come back.</summary>
    Own,

    /// <summary>Another director calls itself what we are called.</summary>
    Namesake,
}

/// <summary>
/// The other directors as they are heard, and whether to believe what is heard. A frame is believed if its sender echoed one of our
/// recent nonces in it, or did so in the last seconds, and if it is newer than all that was heard of the same incarnation, on the
/// segment or over the cluster link: so nobody is fooled by frames that were recorded, be it of a director that has died since.
/// </summary>
public sealed class Correspondents(ulong self, Func<ulong> random)
{
    /// <summary>Peers beyond so many take the place of the one that was not heard for longest.</summary>
    public const int Most = 8;

    private const long TrustMicroseconds = 5_000_000;
    private const long ForgetMicroseconds = 10_000_000;
    private const int NoncesKept = 4;

    private readonly ulong[] _nonces = new ulong[NoncesKept];
    private readonly Correspondent[] _peers = new Correspondent[Most];
    private int _newest;

    /// <summary>Of this start of this engine.</summary>
    public ulong Incarnation { get; } = random();

    /// <summary>What our frames carry.</summary>
    public ulong Nonce => _nonces[_newest];

    public ReadOnlySpan<Correspondent> All => _peers.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>To be called each second.</summary>
    public void Renew()
    {
        _newest = (_newest + 1) % NoncesKept;
        _nonces[_newest] = random();
    }

    /// <param name="frame">Well signed.</param>
    /// <param name="source">The MAC that it came from on the segment; null over the cluster link.</param>
    /// <param name="now">Microseconds.</param>
    public FrameVerdict Judge(in ElectionFrame frame, MacAddress? source, long now)
    {
        if (frame.Message.Id == self)
            return frame.Incarnation == Incarnation ? FrameVerdict.Own : FrameVerdict.Namesake;
        ref Correspondent peer = ref Find(frame.Message.Id, now);
        bool proven = IsOurs(frame.Echo);
        if (frame.Incarnation != peer.Incarnation)
        {
            if (!proven)
                return Challenge(ref peer, frame, source);
            peer = new Correspondent { Id = frame.Message.Id, Incarnation = frame.Incarnation, HeardOnSegment = -1, HeardOverCluster = -1 };
        }
        if (!proven && now > peer.TrustedUntil)
            return Challenge(ref peer, frame, source);
        bool isNew = frame.Sequence > peer.Sequence;
        if (isNew || frame.Sequence == peer.Sequence)
            NoteWay(ref peer, source, now);
        if (!isNew)
            return FrameVerdict.Stale;
        if (proven)
            peer.TrustedUntil = now + TrustMicroseconds;
        peer.Sequence = frame.Sequence;
        peer.Nonce = frame.Nonce;
        peer.Kind = frame.Message.Kind;
        peer.Epoch = frame.Message.Epoch;
        return FrameVerdict.Believed;
    }

    /// <summary>Whether a frame with this in it was written to us, just now.</summary>
    public bool IsOurs(ulong echo) => echo != 0 && _nonces.AsSpan().Contains(echo);

    /// <summary>Of those that were believed, on the segment.</summary>
    public MacAddress[] Macs()
    {
        List<MacAddress> macs = [];
        foreach (ref readonly Correspondent each in All)
        {
            if (each.Sequence != 0 && each.Mac != default)
                macs.Add(each.Mac);
        }
        return [.. macs];
    }

    /// <summary>Within <paramref name="silence"/> there was somebody over the cluster link, and nobody on the segment.</summary>
    public bool IsSegmentSilent(long now, long silence)
    {
        bool known = false;
        foreach (ref readonly Correspondent each in All)
        {
            if (each.HeardOnSegment >= 0 && now - each.HeardOnSegment <= silence)
                return false;
            known |= each.HeardOverCluster >= 0 && now - each.HeardOverCluster <= silence;
        }
        return known;
    }

    /// <summary>Forgets who was not heard for ten seconds.</summary>
    public void Forget(long now)
    {
        for (int i = Count - 1; i >= 0; i--)
        {
            if (now - _peers[i].LastHeard > ForgetMicroseconds && now > _peers[i].TrustedUntil)
                _peers[i] = _peers[--Count];
        }
    }

    private static void NoteWay(ref Correspondent peer, MacAddress? source, long now)
    {
        if (source is { } mac)
            (peer.Mac, peer.HeardOnSegment) = (mac, now);
        else
            peer.HeardOverCluster = now;
    }

    private static FrameVerdict Challenge(ref Correspondent peer, in ElectionFrame frame, MacAddress? source)
    {
        peer.Nonce = frame.Nonce;
        if (source is { } mac)
            peer.Mac = mac;
        return FrameVerdict.Unproven;
    }

    private ref Correspondent Find(ulong director, long now)
    {
        int oldest = 0;
        for (int i = 0; i < Count; i++)
        {
            if (_peers[i].Id == director)
                return ref _peers[i];
            if (_peers[i].LastHeard < _peers[oldest].LastHeard)
                oldest = i;
        }
        int place = Count < Most ? Count++ : oldest;
        // Until it has proven itself it was heard of, which keeps it from being forgotten at once.
        _peers[place] = new Correspondent { Id = director, HeardOnSegment = -1, HeardOverCluster = -1, TrustedUntil = 0, FirstHeard = now };
        return ref _peers[place];
    }

    /// <summary>One of them; times in microseconds, -1: never.</summary>
    public record struct Correspondent
    {
        public ulong Id;
        public ulong Incarnation;
        public ulong Sequence;
        public ulong Nonce;
        public ulong Epoch;
        public ElectionMessageKind Kind;
        public MacAddress Mac;
        public long FirstHeard;
        public long HeardOnSegment;
        public long HeardOverCluster;
        public long TrustedUntil;

        public readonly long LastHeard => Math.Max(FirstHeard, Math.Max(HeardOnSegment, HeardOverCluster));
    }
}
