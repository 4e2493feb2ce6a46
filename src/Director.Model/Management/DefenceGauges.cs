namespace Director.Model;

/// <summary>
/// Names among <see cref="EngineStatus.Counters"/> that tell how IPVS's defences stand. A mode is 0 never, 1 not now, 2 now that
/// memory is short, 3 always: from 2 on the defence is in force.
/// </summary>
public static class DefenceGauges
{
    /// <summary>Mode of drop_entry.</summary>
    public const string DropEntry = "DropEntryMode";

    /// <summary>Mode of drop_packet.</summary>
    public const string DropPacket = "DropPacketMode";

    /// <summary>Mode of secure_tcp.</summary>
    public const string SecureTcp = "SecureTcpMode";

    /// <summary>drop_packet drops one of so many packets that would begin a connection; 0: none.</summary>
    public const string DropRate = "DropPacketRate";

    public static bool Contains(string name) => name is DropEntry or DropPacket or SecureTcp or DropRate;
}
