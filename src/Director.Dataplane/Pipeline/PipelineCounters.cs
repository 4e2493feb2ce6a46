using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>What the pipeline counted. Written by the packet thread alone; others read numbers that may be a moment old.</summary>
public sealed class PipelineCounters
{
    private readonly ulong[] _drops = new ulong[(int)DropReason.Count];

    public ulong Received;
    public ulong Forwarded;
    public ulong Replies;
    public ulong Routed;
    public ulong Answered;
    public ulong ArpAnswered;
    public ulong NotOurs;
    public ulong HeldForNeighbour;
    public ulong Fragmented;

    public void Drop(DropReason reason) => _drops[(int)reason]++;

    public ulong Dropped(DropReason reason) => _drops[(int)reason];

    /// <summary>Reasons that happened, by name.</summary>
    public Dictionary<string, ulong> DropsByReason()
    {
        Dictionary<string, ulong> drops = [];
        for (DropReason reason = DropReason.None + 1; reason < DropReason.Count; reason++)
        {
            if (_drops[(int)reason] != 0)
                drops[reason.ToString()] = _drops[(int)reason];
        }
        return drops;
    }

    public Dictionary<string, ulong> ByName() => new()
    {
        [nameof(Received)] = Received,
        [nameof(Forwarded)] = Forwarded,
        [nameof(Replies)] = Replies,
        [nameof(Routed)] = Routed,
        [nameof(Answered)] = Answered,
        [nameof(ArpAnswered)] = ArpAnswered,
        [nameof(NotOurs)] = NotOurs,
        [nameof(HeldForNeighbour)] = HeldForNeighbour,
        [nameof(Fragmented)] = Fragmented,
    };
}
