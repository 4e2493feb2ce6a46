using System.Collections.Immutable;
using System.Net;
using Director.Model;

namespace Director.Actors.Tests.Services;

/// <summary>The services and servers that the tests talk about.</summary>
internal static class Samples
{
    public static ServiceKey Key(string text) => ServiceKey.TryParse(text, out ServiceKey? key) ? key : throw new ArgumentException(text);

    public static MarkRule Mark(string text) =>
        MarkRule.TryParse(text, out ImmutableArray<MarkRule> rules, out string? error) ? rules.Single() : throw new ArgumentException(error);

    public static VirtualService Service(string key = "tcp 10.1.0.100:80", string scheduler = "wlc") => new() { Key = Key(key), Scheduler = scheduler };

    public static RealServer Server(string endpoint, ForwardingMethod forwarding = ForwardingMethod.Masquerade, int weight = 1) =>
        Endpoints.TryParse(endpoint, out IPAddress? address, out ushort port)
            ? new RealServer { Address = address, Port = port, Forwarding = forwarding, Weight = weight }
            : throw new ArgumentException(endpoint);
}
