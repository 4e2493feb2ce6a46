using Director.Dataplane.Wire;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>
/// Addresses of one family from <paramref name="First"/> to <paramref name="Last"/>, both included, that differ in their last 4 bytes
/// only: so code has one word to compare by its order.
/// </summary>
public readonly record struct AddressRange(IpAddress First, IpAddress Last)
{
    private const long Apart = long.MaxValue;

    public bool Contains(IpAddress address) => address >= First && address <= Last;

    /// <summary>
    /// Ranges that hold every one of the addresses: at most so many, but for those that cannot be one. Neighbours are joined first, then
    /// those with the fewest addresses between them, which are held as well.
    /// </summary>
    /// <param name="addresses">In any order, of both families.</param>
    /// <param name="foreign">What no range may hold.</param>
    /// <param name="most">1 or more.</param>
    public static AddressRange[] Covering(IEnumerable<IpAddress> addresses, IEnumerable<IpAddress> foreign, int most)
    {
        IpAddress[] sorted = [.. addresses.Distinct().Order()];
        IpAddress[] outside = [.. foreign.Except(sorted).Order()];
        long[] gaps = [.. Enumerable.Range(0, Math.Max(sorted.Length - 1, 0)).Select(i => Gap(sorted[i], sorted[i + 1], outside))];
        HashSet<int> widest = [.. Enumerable.Range(0, gaps.Length).Where(i => gaps[i] is > 0 and < Apart).OrderByDescending(i => gaps[i]).Take(most - 1)];
        List<AddressRange> ranges = [];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (i == 0 || gaps[i - 1] == Apart || widest.Contains(i - 1))
                ranges.Add(new AddressRange(sorted[i], sorted[i]));
            else
                ranges[^1] = ranges[^1] with { Last = sorted[i] };
        }
        return [.. ranges];
    }

    // Addresses between two that follow each other.
    private static long Gap(IpAddress before, IpAddress after, IpAddress[] outside)
    {
        if (before.High != after.High || before.Low >> 32 != after.Low >> 32)
            return Apart;
        int next = ~Array.BinarySearch(outside, before);
        return next < outside.Length && outside[next] < after ? Apart : (long)(after.Low - before.Low - 1);
    }
}
