using Director.Dataplane.Wire;

namespace Director.Dataplane.Pipeline;

/// <summary>One of <c>director.interfaces</c> as the pipeline knows it. <paramref name="Position"/> is its place in that list.</summary>
/// <param name="Index">The kernel's interface index: routes and neighbours name it.</param>
/// <param name="OwnMac">The interface's own address; the host's traffic uses it.</param>
/// <param name="AnswerMac">What we answer and send with: the virtual MAC, or <paramref name="OwnMac"/> with <c>virtual-mac = off</c>.</param>
public sealed record EngineInterface(int Position, string Name, int Index, MacAddress OwnMac, MacAddress AnswerMac)
{
    /// <summary>
    /// Not of <c>director.interfaces</c>, but the way to real servers that are the host itself: the MAC of the host's end. Everything
    /// that arrives here is the engine's. Null: an interface to the network.
    /// </summary>
    public MacAddress? HostMac { get; init; }

    public bool HasVirtualMac => AnswerMac != OwnMac;
}
