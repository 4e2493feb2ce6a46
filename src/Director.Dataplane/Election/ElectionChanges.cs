using System.Runtime.CompilerServices;

namespace Director.Dataplane.Election;

/// <summary>When ownership changed the last few times, newest first.</summary>
[InlineArray(ElectionSettings.CalmChanges + 1)]
internal struct ElectionChanges
{
    private long _newest;

    public ElectionChanges(long at)
    {
        for (int i = 0; i <= ElectionSettings.CalmChanges; i++)
            this[i] = at;
    }

    public readonly long Last => this[0];

    public void Add(long now)
    {
        for (int i = ElectionSettings.CalmChanges; i > 0; i--)
            this[i] = this[i - 1];
        this[0] = now;
    }

    /// <summary>More than <see cref="ElectionSettings.CalmChanges"/> within the window.</summary>
    public readonly bool AreMany(long now) => now - this[ElectionSettings.CalmChanges] < ElectionSettings.FlapWindow;
}
