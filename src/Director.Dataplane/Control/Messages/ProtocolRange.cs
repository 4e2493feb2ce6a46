namespace Director.Dataplane.Control.Messages;

/// <summary>
/// The protocol versions one side can speak, both ends included. Each product speaks the newest version N and N-1, so that
/// engine and directord can be upgraded one after the other under traffic.
/// </summary>
public readonly record struct ProtocolRange(ushort Minimum, ushort Maximum)
{
    /// <summary>What this product speaks. Version 2 brought the election and connection sync, version 3 the fast path.</summary>
    public static readonly ProtocolRange Supported = new(1, 3);

    /// <summary>The highest version that both speak; 0 if there is none.</summary>
    public ushort Common(ProtocolRange other)
    {
        ushort highest = Math.Min(Maximum, other.Maximum);
        return highest >= Math.Max(Minimum, other.Minimum) ? highest : (ushort)0;
    }

    public override string ToString() => Minimum == Maximum ? $"{Minimum}" : $"{Minimum}-{Maximum}";

    /// <summary>What both sides say when they have no version in common.</summary>
    public static string Mismatch(Hello directord, Hello engine)
    {
        (EngineIdentity ours, EngineIdentity theirs) = (directord.Sender, engine.Sender);
        string facts = $"director-engine {theirs.Version} (pid {theirs.ProcessId}) speaks protocol {engine.Versions}, "
            + $"directord {ours.Version} (pid {ours.ProcessId}) speaks {directord.Versions}: ";
        return facts + (engine.Versions.Maximum < directord.Versions.Minimum
            ? $"the engine is too old; end it (kill {theirs.ProcessId}) and start the director-engine {ours.Version} that came with directord"
            : $"directord is too old for this engine; start directord {theirs.Version}, "
                + $"or end the engine (kill {theirs.ProcessId}) so that directord starts its own");
    }
}
