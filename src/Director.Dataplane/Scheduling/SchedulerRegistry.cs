namespace Director.Dataplane.Scheduling;

/// <summary>Every scheduler by its ipvsadm name. A new one is a leaf file and a line here.</summary>
public static class SchedulerRegistry
{
    private static readonly Dictionary<string, Func<Scheduler>> Factories = new(StringComparer.Ordinal)
    {
        ["rr"] = () => new RoundRobin(),
        ["wrr"] = () => new WeightedRoundRobin(),
        ["lc"] = () => new LeastConnection(),
        ["wlc"] = () => new WeightedLeastConnection(),
        ["sed"] = () => new ShortestExpectedDelay(),
        ["nq"] = () => new NeverQueue(),
        ["fo"] = () => new WeightedFailover(),
        ["ovf"] = () => new WeightedOverflow(),
    };

    public static IReadOnlyCollection<string> Names => Factories.Keys;

    public static bool Knows(string name) => Factories.ContainsKey(name);

    /// <exception cref="ArgumentException">No such scheduler; the control plane refuses those before (Knows).</exception>
    public static Scheduler Create(string name) =>
        Factories.TryGetValue(name, out Func<Scheduler>? create) ? create() : throw new ArgumentException($"no scheduler is called '{name}'", nameof(name));
}
