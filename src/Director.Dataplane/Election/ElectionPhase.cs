namespace Director.Dataplane.Election;

public enum ElectionPhase : byte
{
    /// <summary>Listens. Somebody else owns, or nobody does yet.</summary>
    Standby,

    /// <summary>Heard nobody; asks whether there is an owner after all.</summary>
    Probing,

    /// <summary>Owns the group's addresses while its lease holds.</summary>
    Owner,
}
