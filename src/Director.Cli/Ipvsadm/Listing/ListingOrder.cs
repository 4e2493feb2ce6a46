using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Cli.Ipvsadm.Listing;

/// <summary>
/// The order of a listing. NOTE: ipvsadm compares marks and addresses by a 32-bit difference that wraps around, so 200.0.0.1 comes
/// before 1.0.0.1, and such an order is not even transitive: what comes out depends on the way of sorting. Scripts compare listings,
/// so it is done the same way here: a merge sort that halves downwards and takes from the left what is equal, as glibc's qsort(3).
/// </summary>
internal static class ListingOrder
{
    public static ServiceListing[] Sorted(IEnumerable<ServiceListing> listings) =>
        MergeSort([.. listings], (one, other) => Compare(one.Service.Key, other.Service.Key));

    public static RealServer[] Sorted(IEnumerable<RealServer> servers) => MergeSort([.. servers], Compare);

    private static int Compare(ServiceKey one, ServiceKey other)
    {
        int order = unchecked((int)(one.Mark - other.Mark));
        if (order == 0)
            order = FamilyOf(one.Family) - FamilyOf(other.Family);
        if (order == 0 && !one.IsFirewallMark)
        {
            order = (int)one.Protocol - (int)other.Protocol;
            if (order == 0)
                order = Compare(one.Address!, other.Address!);
            if (order == 0)
                order = one.Port - other.Port;
        }
        return order;
    }

    private static int Compare(RealServer one, RealServer other)
    {
        int order = Compare(one.Address, other.Address);
        return order == 0 ? one.Port - other.Port : order;
    }

    /// <summary>Servers of one service may be of both families: IPv4 then counts as the first word of an IPv6 address.</summary>
    private static int Compare(IPAddress one, IPAddress other)
    {
        Span<byte> left = stackalloc byte[16];
        Span<byte> right = stackalloc byte[16];
        left.Clear();
        right.Clear();
        one.TryWriteBytes(left, out _);
        other.TryWriteBytes(right, out _);
        int order = 0;
        for (int at = 0; at < left.Length && order == 0; at += 4)
            order = unchecked((int)(BinaryPrimitives.ReadUInt32BigEndian(left[at..]) - BinaryPrimitives.ReadUInt32BigEndian(right[at..])));
        return order;
    }

    private static int FamilyOf(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? 1 : 0;

    private static T[] MergeSort<T>(T[] items, Comparison<T> compare)
    {
        if (items.Length < 2)
            return items;
        T[] left = MergeSort(items[..(items.Length / 2)], compare);
        T[] right = MergeSort(items[(items.Length / 2)..], compare);
        int l = 0, r = 0;
        for (int i = 0; i < items.Length; i++)
            items[i] = r == right.Length || (l < left.Length && compare(left[l], right[r]) <= 0) ? left[l++] : right[r++];
        return items;
    }
}
