namespace Director.Dataplane.Scheduling;

/// <summary>Every scheduler by its ipvsadm name. A new one is a leaf file and a line here.</summary>
public static class SchedulerRegistry
{
    private static readonly Dictionary<string, Func<SchedulingContext, Scheduler>> Factories = new(StringComparer.Ordinal)
    {
        ["rr"] = _ => new RoundRobin(),
        ["wrr"] = _ => new WeightedRoundRobin(),
        ["lc"] = _ => new LeastConnection(),
        ["wlc"] = _ => new WeightedLeastConnection(),
        ["lblc"] = context => new LocalityBasedLeastConnection(context),
        ["lblcr"] = context => new LocalityBasedReplication(context),
        ["dh"] = _ => new DestinationHashing(),
        ["sh"] = _ => new SourceHashing(),
        ["mh"] = _ => new MaglevHashing(),
        ["sed"] = _ => new ShortestExpectedDelay(),
        ["nq"] = _ => new NeverQueue(),
        ["fo"] = _ => new WeightedFailover(),
        ["ovf"] = _ => new WeightedOverflow(),
        ["twos"] = context => new PowerOfTwoChoices(context),
    };

    public static IReadOnlyCollection<string> Names => Factories.Keys;

    public static bool Knows(string name) => Factories.ContainsKey(name);

    /// <exception cref="ArgumentException">No such scheduler; the control plane refuses those before (Knows).</exception>
    public static Scheduler Create(string name, SchedulingContext context) =>
        Factories.TryGetValue(name, out Func<SchedulingContext, Scheduler>? create)
            ? create(context)
            : throw new ArgumentException($"no scheduler is called '{name}'", nameof(name));
}
