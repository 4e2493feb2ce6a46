using System.Collections.Frozen;
using Director.Actors.Election;

namespace Director.Actors.Cluster.Wire;

/// <summary>Every format that directors speak with each other. Append; what was released stays.</summary>
public static class WireFormats
{
    public static readonly WireFormat[] All =
    [
        new ContactHelloFormat(),
        new PeerBeatFormat(),
        new ElectionWordFormat(),
        new EngineGoneFormat(),
        new PeerLeavingFormat(),
    ];

    internal static readonly FrozenDictionary<string, WireFormat> ByManifest = All.ToFrozenDictionary(format => format.Manifest, StringComparer.Ordinal);

    internal static readonly FrozenDictionary<Type, WireFormat> ByType = All.ToFrozenDictionary(format => format.Type);
}
