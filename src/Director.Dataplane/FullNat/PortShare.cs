using System.Numerics;

namespace Director.Dataplane.FullNat;

/// <summary>
/// The ports that this director may speak from: those from <paramref name="First"/> to <paramref name="Last"/> whose remainder by
/// <paramref name="Directors"/> is <paramref name="Number"/>. Directors of one group use the same local addresses one after the
/// other; with ports of their own, connections that one took over never meet those that it makes.
/// </summary>
public readonly record struct PortShare(ushort First, ushort Last, ushort Number, ushort Directors)
{
    /// <summary>The unprivileged ports, all of them.</summary>
    public static readonly PortShare Whole = new(1024, ushort.MaxValue, 0, 1);

    /// <summary>How many ports that is. Their places are below it.</summary>
    public int Count => Last < Lowest ? 0 : ((Last - Lowest) / Directors) + 1;

    /// <summary>Of the places, rounded up to a power of two.</summary>
    internal uint RingSize => BitOperations.RoundUpToPowerOf2((uint)Math.Max(Count, 1));

    public ushort PortAt(int place) => (ushort)(Lowest + (place * Directors));

    /// <summary>-1: not one of ours.</summary>
    public int PlaceOf(ushort port) =>
        port < Lowest || port > Last || (port - Lowest) % Directors != 0 ? -1 : (port - Lowest) / Directors;

    private int Lowest => First + ((Number - (First % Directors) + Directors) % Directors);
}
