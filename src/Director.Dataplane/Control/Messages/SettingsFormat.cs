using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>IPVS's settings by their names, those that are not at their default: the rest is.</summary>
public static class SettingsFormat
{
    private const int Smallest = 6;

    public static void Write(FrameWriter writer, Settings settings)
    {
        SortedDictionary<string, int> changes = settings.ToChanges();
        writer.Count(changes.Count);
        foreach ((string name, int value) in changes)
        {
            writer.Text(name);
            writer.UInt32((uint)value);
        }
    }

    public static Settings Read(ref FrameReader reader)
    {
        KeyValuePair<string, int>[] changes = reader.Array(Smallest, static (ref FrameReader each) => KeyValuePair.Create(each.Text(), each.Int31()));
        if (!Settings.Default.TryChange(changes, out Settings settings, out string? error))
            reader.Break(error);
        return settings;
    }
}
