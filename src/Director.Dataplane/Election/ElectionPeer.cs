using System.Runtime.CompilerServices;

namespace Director.Dataplane.Election;

/// <summary>Another director, as last heard.</summary>
public struct ElectionPeer
{
    /// <summary>0: none.</summary>
    public ulong Id { get; internal set; }

    public byte Priority { get; internal set; }

    /// <summary>As it said of itself in its last hello; none of an owner.</summary>
    public StandbyFlags Flags { get; internal set; }

    /// <summary>Microseconds; by any message of its own.</summary>
    public long HeardAt { get; internal set; }
}

/// <summary>The other directors. With more than there is room for, the one not heard for longest is forgotten.</summary>
[InlineArray(Capacity)]
public struct ElectionPeers
{
    public const int Capacity = 7;

    private ElectionPeer _first;

    internal void Note(in ElectionMessage message, long now)
    {
        int at = 0;
        for (int i = 0; i < Capacity; i++)
        {
            if (this[i].Id == message.Id)
            {
                at = i;
                break;
            }
            if (this[i].Id == 0 ? this[at].Id != 0 : this[at].Id != 0 && this[i].HeardAt < this[at].HeardAt)
                at = i;
        }
        this[at] = new ElectionPeer { Id = message.Id, Priority = message.Priority, Flags = message.Flags, HeardAt = now };
    }

    internal void Forget(ulong id)
    {
        for (int i = 0; i < Capacity; i++)
        {
            if (this[i].Id == id)
                this[i] = default;
        }
    }
}
