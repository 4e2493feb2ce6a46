using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>What the owner announces on the first interface.</summary>
/// <param name="Address">IPv4; 0 where there is none.</param>
/// <param name="IsOwned">One of the group's: the owner answers for it, or without an IPv4 address for one of IPv6. Else the interface's own, which its host answers for.</param>
/// <param name="AnswerMac">What owned addresses are answered with.</param>
/// <param name="OwnMac">The interface's.</param>
public readonly record struct ElectionAddress(uint Address, bool IsOwned, MacAddress AnswerMac, MacAddress OwnMac);
