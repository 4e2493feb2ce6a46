using Director.Lab.Tests.Harness;

namespace Director.Bench.Failover;

/// <summary>What becomes of the owner, whatever product it runs: rows of one kind are compared.</summary>
internal enum EndingKind
{
    /// <summary>For comparison: what silence the machine itself makes.</summary>
    Nothing,

    HostVanishes,
    EngineKilled,
    AllKilled,
    FailedOver,
    Stopped,
}

/// <summary>One way in which an owner ends, and how it comes back as a standby.</summary>
/// <param name="Kind">For comparisons.</param>
/// <param name="Name">In the table.</param>
/// <param name="EndAsync">The owner's end.</param>
/// <param name="HealAsync">After the run.</param>
internal sealed record Ending(EndingKind Kind, string Name, Func<LabHost, Task> EndAsync, Func<LabHost, Task> HealAsync)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    public bool MovesOwnership => Kind != EndingKind.Nothing;

    public static Ending Nothing() => new(EndingKind.Nothing, "nothing happens, for 1 s", _ => Task.Delay(Quiet), _ => Task.CompletedTask);

    public static Ending HostVanishes(FailoverLab lab) => new(EndingKind.HostVanishes, "its host vanishes", lab.CutAsync, lab.MendAsync);
}
