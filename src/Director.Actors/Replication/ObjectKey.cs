using System.Diagnostics.CodeAnalysis;
using Director.Actors.Marks;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;

namespace Director.Actors.Replication;

/// <summary>
/// The objects of a configuration: what is edited, versioned and replicated as one. A service comes with its servers, so that no
/// server is ever without its service.
/// </summary>
public enum ObjectKind
{
    Service,
    Timeouts,
    Marks,
    Settings,
    SyncDaemons,
    /// <summary>Which declared services were applied last.</summary>
    Declaration,
    /// <summary>An edit that another one overrode (<see cref="EditOverridden"/>); never changes.</summary>
    Override,
}

/// <summary>Names an object. Written as <c>service tcp 10.1.0.100:80</c>, <c>timeouts</c>, <c>override 7.12.a timeouts</c>.</summary>
/// <param name="Service">With <see cref="ObjectKind.Service"/> only.</param>
/// <param name="Overridden">With <see cref="ObjectKind.Override"/> only: the name and version of what was overridden.</param>
public sealed record ObjectKey(ObjectKind Kind, ServiceKey? Service = null, string? Overridden = null)
{
    public static readonly ObjectKey Timeouts = new(ObjectKind.Timeouts);
    public static readonly ObjectKey Marks = new(ObjectKind.Marks);
    public static readonly ObjectKey Settings = new(ObjectKind.Settings);
    public static readonly ObjectKey SyncDaemons = new(ObjectKind.SyncDaemons);
    public static readonly ObjectKey Declaration = new(ObjectKind.Declaration);

    /// <summary>Those that there is one of.</summary>
    public static readonly IReadOnlyList<ObjectKey> Singles = [Timeouts, Marks, Settings, SyncDaemons, Declaration];

    public static ObjectKey Of(ServiceKey service) => new(ObjectKind.Service, service);

    /// <summary>The object that an event changes; null: none, it concerns this director's journal only.</summary>
    public static ObjectKey? Of(DirectorEvent happened) => happened switch
    {
        ServiceEvent ofService => Of(ofService.Key),
        TimeoutsSet => Timeouts,
        MarkEvent => Marks,
        SettingsEvent => Settings,
        SyncDaemonEvent => SyncDaemons,
        DeclarationApplied => Declaration,
        EditOverridden overridden => Of(overridden),
        _ => null,
    };

    public static ObjectKey Of(EditOverridden overridden) => new(ObjectKind.Override, Overridden: $"{overridden.Version} {overridden.Object}");

    public override string ToString() => Kind switch
    {
        ObjectKind.Service => $"service {Service}",
        ObjectKind.SyncDaemons => "sync-daemons",
        ObjectKind.Override => $"override {Overridden}",
        _ => Kind.ToString().ToLowerInvariant(),
    };

    public static bool TryParse(string? text, [NotNullWhen(true)] out ObjectKey? key)
    {
        key = text?.Split(' ', 2) switch
        {
            ["service", { } service] when ServiceKey.TryParse(service, out ServiceKey? parsed) => Of(parsed),
            ["override", { Length: > 0 } overridden] => new ObjectKey(ObjectKind.Override, Overridden: overridden),
            [{ } single] => Singles.FirstOrDefault(one => one.ToString() == single),
            _ => null,
        };
        return key is not null;
    }
}
