using System.CommandLine;
using System.Globalization;
using Director.Model;

namespace Director.Cli.Tool;

/// <summary><c>director set</c>: IPVS's settings by the names that they have under /proc/sys/net/ipv4/vs.</summary>
internal static class SettingCommands
{
    public static Command Build(Option<string?> socket)
    {
        Argument<string[]> changes = new("NAME=VALUE") { Description = "For example expire_nodest_conn=1", Arity = ArgumentArity.ZeroOrMore };
        Command command = new("set", "Change IPVS's settings (/proc/sys/net/ipv4/vs), all that are named or none; without any, list them") { changes };
        command.SetAction((parsed, _) =>
        {
            string[] given = parsed.GetValue(changes) ?? [];
            if (given.Length == 0)
                return DirectorCall.RunAsync(parsed, socket, async (director, output) =>
                {
                    Write(await director.GetSettingsAsync().ConfigureAwait(false), output);
                    return 0;
                });
            return TryRead(given, out SortedDictionary<string, int> values, out string? error)
                ? DirectorCall.ExecuteAsync(parsed, socket, new SetSettings(values))
                : Task.FromResult(DirectorCall.Wrong(parsed, error!));
        });
        return command;
    }

    /// <summary>Name, value, default, meaning. A setting that a newer director has and this program does not is shown with its value.</summary>
    internal static void Write(IReadOnlyDictionary<string, int> values, TextWriter output)
    {
        int width = values.Keys.Append("").Max(name => name.Length);
        output.WriteLine($"{"setting".PadRight(width)}  {"value",10}  {"default",10}  meaning");
        foreach ((string name, int value) in values.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            bool known = SettingDefinition.TryFind(name, out SettingDefinition? definition, out _);
            string initial = known ? definition!.Default.ToString(CultureInfo.InvariantCulture) : "?";
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name.PadRight(width)}  {value,10}  {initial,10}  {definition?.Meaning}").TrimEnd());
        }
    }

    private static bool TryRead(string[] changes, out SortedDictionary<string, int> values, out string? error)
    {
        values = new SortedDictionary<string, int>(StringComparer.Ordinal);
        error = null;
        foreach (string change in changes)
        {
            if (change.Split('=') is not [{ Length: > 0 } name, var text])
                error = $"'{change}' is not written as NAME=VALUE";
            else if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value))
                error = $"{name}: '{text}' is not a whole number";
            else if (!values.TryAdd(name, value))
                error = $"{name} is named twice";
            if (error is not null)
                return false;
        }
        return true;
    }
}
