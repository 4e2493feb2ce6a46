using System.Net.Sockets;
using Director.Dataplane.Control;

namespace Director.Actors.Services;

/// <summary>An address that we want and cannot have, in words that say what to do.</summary>
public static class Conflicts
{
    public static string Describe(AddressConflict conflict) => conflict.Mac is { } mac
        ? $"{conflict.Address} is answered by {mac} on {conflict.Interface}: stop that host, or choose another address"
        : $"{conflict.Address} is configured on {conflict.Interface} of this host, but the director answers for its addresses itself: "
            + $"remove it ({Removal(conflict)}), or choose another address";

    // IPv6's is removed only by the prefix length that it was added with.
    private static string Removal(AddressConflict conflict) => conflict.Address.AddressFamily == AddressFamily.InterNetworkV6
        ? $"ip -6 address del {conflict.Address}/PREFIX dev {conflict.Interface}, its PREFIX as ip -6 address shows it"
        : $"ip address del {conflict.Address} dev {conflict.Interface}";
}
