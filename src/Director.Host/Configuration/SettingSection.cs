using Director.Model;

namespace Director.Host.Configuration;

/// <summary><c>director.settings</c>: IPVS's settings by their names.</summary>
internal static class SettingSection
{
    public static Settings Read(Section section)
    {
        foreach ((string name, string why) in SettingDefinition.WithoutMeaning)
        {
            if (section.Has(name))
                section.Wrong(name, $"has no meaning here: {why}");
        }
        return SettingDefinition.All.Aggregate(Settings.Default, (settings, definition) =>
            definition.Write(settings, (int)section.Number(definition.Name, definition.Default, definition.Least, definition.Most)));
    }
}
