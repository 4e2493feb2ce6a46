using System.Numerics;

namespace Director.Dataplane.Tables;

/// <summary>
/// The weights of a service's servers in list order, 0 while a server is overloaded, as a binary tree of maxima: the next server of
/// at least some weight is found in O(log n), however many are out in between. Kept by the service.
/// </summary>
public sealed class AvailableWeights
{
    // Node 1 is the root, the children of i are 2i and 2i + 1, the leaves stand from _leaves on; each node is the maximum below it.
    private int[] _highest = [0, 0];
    private int _leaves = 1;

    /// <summary>The highest of all; 0: nobody is available.</summary>
    public int Highest => _highest[1];

    /// <summary>The first position behind this one (-1: of all) with at least this weight, 1 or more; -1 if there is none.</summary>
    public int Next(int position, int weight)
    {
        int node = _leaves + position + 1;
        if (node == _highest.Length)
            return -1;
        while (_highest[node] < weight)
        {
            // The subtree to the right: beside this one, or beside the nearest of its ancestors that are left children.
            node >>= BitOperations.TrailingZeroCount(~node);
            if (node == 0)
                return -1;
            node++;
        }
        while (node < _leaves)
        {
            node *= 2;
            if (_highest[node] < weight)
                node++;
        }
        return node - _leaves;
    }

    internal void Rebuild(ReadOnlySpan<Server> servers)
    {
        int leaves = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(servers.Length, 1));
        if (leaves != _leaves)
            _highest = new int[2 * leaves];
        _leaves = leaves;
        for (int position = 0; position < leaves; position++)
            _highest[leaves + position] = position < servers.Length ? servers[position].AvailableWeight : 0;
        for (int node = leaves - 1; node > 0; node--)
            Raise(node);
    }

    internal void Update(Server server)
    {
        int node = _leaves + server.Position;
        _highest[node] = server.AvailableWeight;
        while ((node >>= 1) > 0)
            Raise(node);
    }

    private void Raise(int node) => _highest[node] = Math.Max(_highest[2 * node], _highest[2 * node + 1]);
}
