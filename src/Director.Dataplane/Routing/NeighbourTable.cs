using Director.Dataplane.Wire;

namespace Director.Dataplane.Routing;

/// <summary>Immutable hash of the neighbours of both families. Look-ups allocate nothing.</summary>
internal sealed class NeighbourTable
{
    public static readonly NeighbourTable Empty = new([]);

    private readonly AddressSlots _places;
    private readonly Neighbour[] _slots; // InterfaceIndex 0: free (the kernel counts from 1)

    public NeighbourTable(IReadOnlyCollection<Neighbour> neighbours)
    {
        _places = new AddressSlots(neighbours.Count);
        _slots = new Neighbour[_places.Length];
        foreach (Neighbour neighbour in neighbours)
        {
            int slot = _places.First(neighbour.Address, neighbour.InterfaceIndex);
            while (_slots[slot].InterfaceIndex != 0)
                slot = _places.Next(slot);
            _slots[slot] = neighbour;
        }
    }

    public bool TryFind(int interfaceIndex, IpAddress address, out Neighbour neighbour)
    {
        for (int slot = _places.First(address, interfaceIndex); ; slot = _places.Next(slot))
        {
            neighbour = _slots[slot];
            if (neighbour.InterfaceIndex == 0)
                return false;
            if (neighbour.InterfaceIndex == interfaceIndex && neighbour.Address == address)
                return true;
        }
    }
}
