using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Defence;

/// <summary>
/// drop_entry: ends connections at random that look like a flood's (IPVS: ip_vs_random_dropentry): half-open ones at once, quiet
/// ones of a few packets now and then. Allocates nothing.
/// </summary>
public sealed class EntryDropper(ConnectionTable connections, ConnectionForwarder forwarder, PipelineCounters counters, ulong seed)
{
    /// <summary>Each second one record of so many is looked at.</summary>
    private const int ShareOfSecond = 32;

    private const int MillisecondsOfSecond = 1000;

    /// <summary>A connection that was heard of in this time is not quiet.</summary>
    private const uint QuietSeconds = 60;

    /// <summary>Of a quiet connection with n packets, one of n is ended; with more packets than this none.</summary>
    private const int MostPackets = 8;

    /// <summary>Random records that are looked at to make room, for a packet: finds one wherever a flood has most of them.</summary>
    private const int MostTries = 16;

    private readonly int[] _left = new int[MostPackets + 1];
    private ulong _random = seed | 1;
    private ulong _owed;

    /// <summary>Looks at its share of the records for so many milliseconds.</summary>
    public void Sweep(int milliseconds, uint now)
    {
        const ulong whole = ShareOfSecond * MillisecondsOfSecond;
        _owed += (ulong)connections.Capacity * (uint)Math.Min(milliseconds, MillisecondsOfSecond);
        for (; _owed >= whole; _owed -= whole)
            _ = TryEnd(Any(), now);
    }

    /// <summary>
    /// Ends connections until so many records are free, as far as a few tries find any. (IPVS has no such need, as its memory is the
    /// host's: there the sweep alone does it.)
    /// </summary>
    public void MakeRoom(uint room, uint now)
    {
        for (int tries = 0; connections.Available < room && tries < MostTries; tries++)
            _ = TryEnd(Any(), now);
    }

    private bool TryEnd(uint number, uint now)
    {
        if (!connections[number].IsInUse || !IsSuspect(number, connections[number], now))
            return false;
        uint template = connections.Templates.Of(number);
        forwarder.Remove(number);
        counters.EntriesDropped++;
        // A template that was made for it alone, and proved nothing, goes with it.
        if (template != 0 && connections[template].State != ConnectionState.Assured && !connections.Templates.IsInUse(template))
        {
            forwarder.Remove(template);
            counters.EntriesDropped++;
        }
        return true;
    }

    private bool IsSuspect(uint number, in ConnectionRecord connection, uint now)
    {
        if ((connection.Flags & ConnectionFlags.Template) != 0)
            return connection.State != ConnectionState.Assured && !connections.Templates.IsInUse(number);
        return connection.Protocol switch
        {
            IpProtocol.Tcp or IpProtocol.Sctp => connection.State switch
            {
                ConnectionState.SynReceived or ConnectionState.SynAck or ConnectionState.SctpInit1 or ConnectionState.SctpInit => true,
                ConnectionState.Established or ConnectionState.SctpEstablished => IsQuiet(connection, now),
                _ => false,
            },
            _ => IsQuiet(connection, now),
        };
    }

    private bool IsQuiet(in ConnectionRecord connection, uint now)
    {
        if (ConnectionClock.Between(connection.LastSeen, now) < (int)ConnectionClock.Ticks(QuietSeconds) || connection.InPackets is 0 or > MostPackets)
            return false;
        ref int left = ref _left[connection.InPackets];
        if (--left > 0)
            return false;
        left = (int)connection.InPackets;
        return true;
    }

    // xorshift64*: its upper bits pass for random.
    private uint Any()
    {
        _random ^= _random >> 12;
        _random ^= _random << 25;
        _random ^= _random >> 27;
        uint random = (uint)((_random * 0x2545F4914F6CDD1D) >> 32);
        return 1 + (uint)(((ulong)random * connections.Capacity) >> 32);
    }
}
