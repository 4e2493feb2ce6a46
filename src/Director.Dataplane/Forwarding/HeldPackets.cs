using Director.Dataplane.Pipeline;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Forwarding;

/// <summary>
/// Packets that wait for their neighbour's MAC: at most <see cref="Capacity"/> altogether, <see cref="PerNeighbour"/> each, and
/// <see cref="LongestWaitMilliseconds"/>; then dropped and counted. All memory is taken at the start.
/// </summary>
public sealed class HeldPackets
{
    public const int Capacity = 256;
    public const int PerNeighbour = 32;
    public const long LongestWaitMilliseconds = 3000;

    // Larger ones (super-frames) only come on connections that are under way, whose neighbour is known.
    private const int LongestFrame = 4096;

    private struct Held
    {
        public int Length;
        public long Since;
        public IpAddress Neighbour;
        public EngineInterface Leaving;
    }

    private readonly byte[] _bytes = GC.AllocateArray<byte>(Capacity * LongestFrame, pinned: true);
    private readonly Held[] _held = new Held[Capacity];

    public int Count { get; private set; }

    /// <summary>Copies the frame (offload header and all). False: no room.</summary>
    public bool TryHold(Span<byte> wire, EngineInterface leaving, IpAddress neighbour, long now)
    {
        int free = -1;
        int same = 0;
        for (int i = 0; i < Capacity; i++)
        {
            if (_held[i].Length == 0)
                free = free < 0 ? i : free;
            else if (_held[i].Neighbour == neighbour && _held[i].Leaving == leaving)
                same++;
        }
        if (free < 0 || same >= PerNeighbour || wire.Length > LongestFrame)
            return false;
        wire.CopyTo(_bytes.AsSpan(free * LongestFrame));
        _held[free] = new Held { Length = wire.Length, Since = now, Neighbour = neighbour, Leaving = leaving };
        Count++;
        return true;
    }

    /// <summary>Sends those whose neighbour is known now, drops those that waited too long.</summary>
    public void Release(NextHops hops, IFrameOutput output, PipelineCounters counters, long now)
    {
        if (Count == 0)
            return;
        for (int i = 0; i < Capacity; i++)
        {
            ref Held held = ref _held[i];
            if (held.Length == 0)
                continue;
            if (hops.Network.TryNeighbour(held.Leaving.Index, held.Neighbour, out MacAddress mac, out _))
            {
                Span<byte> wire = output.Reserve(held.Length - VirtioNetHeader.Length);
                _bytes.AsSpan(i * LongestFrame, held.Length).CopyTo(wire);
                mac.Write(wire[VirtioNetHeader.Length..]);
                output.Send(held.Leaving, wire);
            }
            else if (now - held.Since > LongestWaitMilliseconds)
            {
                counters.Drop(DropReason.NeighbourUnresolved);
            }
            else
            {
                continue;
            }
            held.Length = 0;
            Count--;
        }
    }
}
