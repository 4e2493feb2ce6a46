using System.Net;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Wire;

/// <summary>Addresses as one writes them.</summary>
internal static class Addresses
{
    public static IpAddress Ip(string text) => IpAddress.Of(IPAddress.Parse(text));

    /// <summary>The address that is <paramref name="offset"/> after this one.</summary>
    public static IpAddress Plus(this IpAddress address, uint offset) => address with { Low = address.Low + offset };
}
