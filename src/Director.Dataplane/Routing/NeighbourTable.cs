using System.Numerics;

namespace Director.Dataplane.Routing;

/// <summary>Immutable hash of the neighbours; open addressing, at most half full. Look-ups allocate nothing.</summary>
internal sealed class NeighbourTable
{
    public static readonly NeighbourTable Empty = new([]);

    private readonly Neighbour[] _slots; // InterfaceIndex 0: free (the kernel counts from 1)

    public NeighbourTable(IReadOnlyCollection<Neighbour> neighbours)
    {
        _slots = new Neighbour[BitOperations.RoundUpToPowerOf2((uint)neighbours.Count * 2 + 1)];
        foreach (Neighbour neighbour in neighbours)
        {
            int slot = Start(neighbour.InterfaceIndex, neighbour.Address);
            while (_slots[slot].InterfaceIndex != 0)
                slot = (slot + 1) & (_slots.Length - 1);
            _slots[slot] = neighbour;
        }
    }

    public bool TryFind(int interfaceIndex, uint address, out Neighbour neighbour)
    {
        for (int slot = Start(interfaceIndex, address); ; slot = (slot + 1) & (_slots.Length - 1))
        {
            neighbour = _slots[slot];
            if (neighbour.Address == address && neighbour.InterfaceIndex == interfaceIndex)
                return interfaceIndex != 0;
            if (neighbour.InterfaceIndex == 0)
                return false;
        }
    }

    private int Start(int interfaceIndex, uint address) =>
        (int)((address ^ (uint)interfaceIndex << 24) * 0x9E37_79B1 >> 8) & (_slots.Length - 1);
}
