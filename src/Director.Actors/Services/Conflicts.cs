using Director.Dataplane.Control;

namespace Director.Actors.Services;

/// <summary>An address that we want and cannot have, in words that say what to do.</summary>
public static class Conflicts
{
    public static string Describe(AddressConflict conflict) => conflict.Mac is { } mac
        ? $"{conflict.Address} is answered by {mac} on {conflict.Interface}: stop that host, or choose another address"
        : $"{conflict.Address} is configured on {conflict.Interface} of this host, but the director answers for its addresses itself: "
            + $"remove it (ip address del {conflict.Address} dev {conflict.Interface}), or choose another address";
}
