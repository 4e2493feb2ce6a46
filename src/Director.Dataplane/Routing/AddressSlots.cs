using System.Numerics;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>
/// Places of addresses (on a link) in a table with open addressing that is at most half full. Fibonacci hashing by the highest
/// bits: prefixes differ in high bits of the address, hosts of a subnet in low ones, and both must spread.
/// </summary>
internal readonly struct AddressSlots
{
    private const ulong Golden = 0x9E37_79B9_7F4A_7C15;

    private readonly int _shift;

    public AddressSlots(int entries)
    {
        Length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(entries, 1) * 2);
        _shift = 64 - BitOperations.Log2((uint)Length);
    }

    /// <summary>Of the table; a power of two.</summary>
    public int Length { get; }

    /// <summary>Where to look first.</summary>
    public int First(IpAddress address, int link) =>
        (int)(((address.High ^ ((address.Low ^ (ulong)(uint)link << 32) * Golden)) * Golden) >> _shift);

    /// <summary>And where then, until a free slot.</summary>
    public int Next(int slot) => (slot + 1) & (Length - 1);
}
