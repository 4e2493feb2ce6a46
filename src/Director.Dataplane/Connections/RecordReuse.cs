using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>Keeps records and server slots that a fast-path program may be looking at from being used again under it. Packet thread only.</summary>
internal sealed class RecordReuse(Region<ConnectionRecord> records, RecordPool free, ServerSlots servers)
{
    /// <summary>What has been freed so far.</summary>
    public (long Records, long Servers) Freed => (free.Returned, servers.Freed);

    /// <summary>There is a program: what is freed from now on is used again only after <see cref="Settle"/>.</summary>
    public void Defer()
    {
        free.Defers = true;
        servers.Defer();
    }

    /// <summary>No program that could see what was <see cref="Freed"/> by then runs any more.</summary>
    public void Settle((long Records, long Servers) freed)
    {
        free.Settle(freed.Records);
        servers.Settle(freed.Servers);
    }

    /// <summary>From now on every packet of every connection is the engine's.</summary>
    public void TakeBack()
    {
        for (uint number = 1; number < records.Length; number++)
            records[number].GoSlow();
    }
}
