namespace Director.Dataplane.Synchronization;

/// <summary>
/// What the owner knows of one standby: which batches it has, how far the copy of everything is. A stream that lost something, or
/// whose standby does not answer, begins again under a higher number; until its first batch is answered nothing more is sent, so
/// that a standby that is away costs one small batch a second.
/// </summary>
internal sealed class SyncStream(ulong peer, long now)
{
    /// <summary>Batches on the way: 1.5 MB, some 6 ms of what the cluster link carries.</summary>
    public const int Window = 48;

    /// <summary>A standby that answers nothing for so long has lost it, or is lost.</summary>
    public const long PatienceMilliseconds = 1000;

    private readonly long[] _sentAt = new long[Window];
    private readonly ulong[] _position = new ulong[Window];
    private ulong _completeAt;

    public ulong Peer => peer;

    public ulong Number { get; private set; }

    /// <summary>Sequence number of the last batch sent; 0: the stream has not begun.</summary>
    public ulong Sent { get; private set; }

    public ulong Acknowledged { get; private set; }

    /// <summary>When the last batch was sent.</summary>
    public long LastSent { get; private set; }

    /// <summary>When an answer last said something new.</summary>
    public long LastHeard { get; private set; } = now;

    /// <summary>The standby answers: it takes changes.</summary>
    public bool IsEstablished => Acknowledged != 0;

    /// <summary>Where the copy goes on: over all records twice. 0: it has been sent whole.</summary>
    public uint Cursor { get; set; }

    /// <summary>The copy is there, and so is what followed but for what is on the way.</summary>
    public bool IsInSync => _completeAt != 0 && Acknowledged >= _completeAt;

    public bool HasCredit => Sent - Acknowledged < (IsEstablished ? (ulong)Window : 1);

    /// <summary>How far in the journal the standby has every change.</summary>
    public ulong Position { get; private set; }

    /// <summary>Milliseconds since the oldest batch that is not answered was sent; 0: all are.</summary>
    public long Lag(long now) => Sent == Acknowledged ? 0 : now - _sentAt[(Acknowledged + 1) % Window];

    public bool IsStalled(long now) => Sent != Acknowledged && now - Math.Max(LastHeard, _sentAt[(Acknowledged + 1) % Window]) >= PatienceMilliseconds;

    /// <summary>Starts again under a new number.</summary>
    public void Restart(ulong number)
    {
        Number = number;
        Sent = 0;
        Acknowledged = 0;
        Position = 0;
        Cursor = 1;
        _completeAt = 0;
    }

    /// <summary>The next batch is on its way. Returns its sequence number.</summary>
    /// <param name="flags">What it is.</param>
    /// <param name="position">How far in the journal changes have been sent with it.</param>
    /// <param name="now">Milliseconds.</param>
    public ulong Next(SyncBatchFlags flags, ulong position, long now)
    {
        Sent++;
        _sentAt[Sent % Window] = now;
        _position[Sent % Window] = position;
        LastSent = now;
        if ((flags & SyncBatchFlags.Complete) != 0)
            _completeAt = Sent;
        return Sent;
    }

    public void Acknowledge(ulong sequence, long now)
    {
        if (sequence <= Acknowledged || sequence > Sent)
            return;
        Acknowledged = sequence;
        LastHeard = now;
        Position = _position[sequence % Window];
    }
}
