using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Model;

namespace Director.Actors.Tuning;

/// <summary>An event of the settings.</summary>
public abstract record SettingsEvent : DirectorEvent;

/// <summary>These were set, by their names.</summary>
public sealed record SettingsSet(SortedDictionary<string, int> Values) : SettingsEvent;

/// <summary>The configuration says these from now on, and the default of every other.</summary>
public sealed record SettingsDeclared(SortedDictionary<string, int> Values) : SettingsEvent;

/// <summary>What the configuration says of the settings (<c>director.settings</c>), when directord starts.</summary>
internal sealed record DeclareSettings(Settings Settings) : DirectorCommand;

/// <summary>
/// IPVS's settings as they are in force, and as the configuration said them last. What was set by command stays until the
/// configuration says something else of the same setting than before.
/// </summary>
public sealed record SettingsState(Settings InForce, Settings Declared)
{
    public static readonly SettingsState Default = new(Settings.Default, Settings.Default);

    public Decision Decide(DirectorCommand command) => command switch
    {
        SetSettings set => Set(set.Values),
        DeclareSettings declare => declare.Settings == Declared
            ? Decision.Nothing
            : Decision.Accept(new SettingsDeclared(declare.Settings.ToChanges())),
        _ => throw new ArgumentException($"{command.GetType().Name} is not a command of the settings", nameof(command)),
    };

    public SettingsState Apply(SettingsEvent happened) => happened switch
    {
        SettingsSet set => this with { InForce = With(InForce, set.Values) },
        SettingsPut put => put.Settings.Restore(),
        SettingsDeclared declared => Follow(With(Settings.Default, declared.Values)),
        _ => throw new ArgumentException($"{happened.GetType().Name} is not an event of the settings", nameof(happened)),
    };

    private Decision Set(SortedDictionary<string, int> values)
    {
        if (!InForce.TryChange(values, out Settings changed, out string? error))
        {
            bool known = values.Keys.All(name => SettingDefinition.TryFind(name, out _, out _));
            return Decision.Refuse(known ? CommandError.OutOfRange : CommandError.NoSuchSetting, error);
        }
        return changed == InForce ? Decision.Nothing : Decision.Accept(new SettingsSet(values));
    }

    private SettingsState Follow(Settings declared)
    {
        Settings next = InForce;
        foreach (SettingDefinition definition in SettingDefinition.All)
        {
            if (definition.Read(declared) != definition.Read(Declared))
                next = definition.Write(next, definition.Read(declared));
        }
        return new SettingsState(next, declared);
    }

    // A name that another version wrote and this one does not have has no effect.
    private static Settings With(Settings settings, SortedDictionary<string, int> values) => values.Aggregate(
        settings, (changed, each) => SettingDefinition.TryFind(each.Key, out SettingDefinition? definition, out _) ? definition.Write(changed, each.Value) : changed);
}
