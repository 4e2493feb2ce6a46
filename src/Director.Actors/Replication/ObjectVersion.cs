using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Director.Actors.Replication;

/// <summary>
/// Which of two states of one object is the later one, the same at every director: by epoch of ownership, then by number, then by name.
/// Written as <c>7.12.a</c>.
/// </summary>
/// <param name="Epoch">Of the ownership under which the edit was made.</param>
/// <param name="Sequence">Of the edit: above every other that the director knew of then (a Lamport clock).</param>
/// <param name="Director">The one who wrote it; empty with <see cref="None"/> only.</param>
public readonly record struct ObjectVersion(ulong Epoch, ulong Sequence, string Director) : IComparable<ObjectVersion>
{
    /// <summary>Of what a journal holds from before there were versions: below every other.</summary>
    public static readonly ObjectVersion None = new(0, 0, "");

    public int CompareTo(ObjectVersion other)
    {
        int order = Epoch.CompareTo(other.Epoch);
        if (order == 0)
            order = Sequence.CompareTo(other.Sequence);
        return order == 0 ? string.CompareOrdinal(Director, other.Director) : order;
    }

    public static bool operator <(ObjectVersion one, ObjectVersion other) => one.CompareTo(other) < 0;

    public static bool operator >(ObjectVersion one, ObjectVersion other) => one.CompareTo(other) > 0;

    public static bool operator <=(ObjectVersion one, ObjectVersion other) => one.CompareTo(other) <= 0;

    public static bool operator >=(ObjectVersion one, ObjectVersion other) => one.CompareTo(other) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Epoch}.{Sequence}.{Director}");

    /// <summary>The name is the last part, and may hold dots itself.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ObjectVersion version)
    {
        version = None;
        string[] parts = (text ?? "").Split('.', 3);
        if (parts.Length != 3
            || !ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong epoch)
            || !ulong.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out ulong sequence))
        {
            return false;
        }
        version = new ObjectVersion(epoch, sequence, parts[2]);
        return true;
    }
}
