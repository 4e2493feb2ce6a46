using System.Globalization;

namespace Director.Lab.Tests.Harness;

/// <summary>Network namespaces by name, as <c>ip netns</c> keeps them.</summary>
internal static class Namespaces
{
    private const string Folder = "/run/netns";

    public static string[] Words(string name) => ["ip", "netns", "exec", name];

    /// <summary>Ends every process in the namespaces whose names start with <paramref name="prefix"/>, then removes them.</summary>
    public static async Task RemoveAsync(string prefix)
    {
        if (!Directory.Exists(Folder))
            return;
        string[] names = [.. Directory.GetFiles(Folder, prefix + "*").Select(path => Path.GetFileName(path))];
        if (names.Length == 0)
            return;
        // A process that is stopped or traced ends by SIGKILL as well; its namespace's devices go with the last one.
        string script = string.Join('\n', names.Select(name =>
            $"for pid in $(ip netns pids {name}); do kill -KILL $pid 2>/dev/null; done; ip netns delete {name}"));
        await Shell.RunAsync("host", [], script);
        foreach (string name in names)
            await Eventually.TrueAsync($"{name} is gone", () => !File.Exists(Path.Combine(Folder, name)));
    }

    /// <summary>Processes in the namespace: identifier and command name.</summary>
    public static async Task<(int Id, string Name)[]> ProcessesAsync(string name)
    {
        Output output = await Shell.RunAsync("host", [], $"ip netns pids {name}");
        List<(int, string)> found = [];
        foreach (string line in output.Lines)
        {
            try
            {
                found.Add((int.Parse(line, CultureInfo.InvariantCulture), File.ReadAllText($"/proc/{line}/comm").Trim()));
            }
            catch (IOException)
            {
                // Ended since.
            }
        }
        return [.. found];
    }
}
