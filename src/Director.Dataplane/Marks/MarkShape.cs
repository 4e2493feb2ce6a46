using System.Numerics;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Marks;

/// <summary>Which fields a rule looks at exactly: bits of the addresses, the protocol, the destination port.</summary>
internal readonly record struct MarkShapeKey(IpAddress SourceMask, IpAddress DestinationMask, bool Protocol, bool Port)
{
    public static MarkShapeKey Of(in CompiledMarkRule rule) => new(
        rule.Source.Negated ? default : rule.Source.Mask,
        rule.Destination.Negated ? default : rule.Destination.Mask,
        rule.Protocol != 0,
        rule.DestinationPorts.Any());

    /// <summary>Equal for a packet and a rule that match; else it may differ or not.</summary>
    public uint Hash(byte protocol, IpAddress source, IpAddress destination, ushort port)
    {
        const ulong odd = 0x9E37_79B9_7F4A_7C15; // 2^64 / golden ratio
        source = MaskedAddress.And(source, SourceMask);
        destination = MaskedAddress.And(destination, DestinationMask);
        ulong hash = (destination.Low ^ (Protocol ? (ulong)protocol << 40 : 0) ^ (Port ? (ulong)port << 48 : 0)) * odd;
        hash = (BitOperations.RotateLeft(hash, 32) ^ destination.High) * odd;
        hash = (BitOperations.RotateLeft(hash, 32) ^ source.Low) * odd;
        hash = (BitOperations.RotateLeft(hash, 32) ^ source.High) * odd;
        return (uint)(hash >> 32);
    }
}

/// <summary>
/// The rules of one shape by the hash of what they look at: chains of rules, the last one first. Whoever finds a rule here looks at
/// the whole of it: others share its chain.
/// </summary>
internal sealed class MarkShape
{
    private const int None = -1;

    private readonly MarkShapeKey _key;
    private readonly int[] _heads;
    private readonly List<(int Rule, int After)> _links = [];

    public MarkShape(MarkShapeKey key, IReadOnlyCollection<int> members, CompiledMarkRule[] rules)
    {
        _key = key;
        int keys = members.Sum(rule => key.Port ? rules[rule].DestinationPorts.Count() : 1);
        _heads = new int[BitOperations.RoundUpToPowerOf2((uint)keys * 2)];
        Array.Fill(_heads, None);
        foreach (int place in members)
        {
            CompiledMarkRule rule = rules[place];
            foreach (ushort port in key.Port ? rule.DestinationPorts : [0])
                Link(place, key.Hash(rule.Protocol, rule.Source.Network, rule.Destination.Network, port));
        }
    }

    /// <summary>Where the candidates for a packet begin; negative: there are none.</summary>
    public int First(in FlowKey flow) => _heads[_key.Hash(flow.Protocol, flow.Source, flow.Destination, flow.DestinationPort) & (_heads.Length - 1)];

    public int RuleAt(int link) => _links[link].Rule;

    /// <summary>The candidate before this one; negative: there is none.</summary>
    public int After(int link) => _links[link].After;

    private void Link(int rule, uint hash)
    {
        ref int head = ref _heads[hash & (_heads.Length - 1)];
        // Two of its ports may meet here; a rule is tried once.
        if (head != None && _links[head].Rule == rule)
            return;
        _links.Add((rule, head));
        head = _links.Count - 1;
    }
}
