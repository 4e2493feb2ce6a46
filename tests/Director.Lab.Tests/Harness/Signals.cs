using System.Diagnostics;

namespace Director.Lab.Tests.Harness;

internal static class Signals
{
    public static async Task SendAsync(int process, string signal) =>
        (await Shell.RunAsync("host", [], $"kill -{signal} {process}")).Succeeded();

    /// <summary>False when the process has ended.</summary>
    public static bool TrySend(int process, string signal)
    {
        ProcessStartInfo start = Shell.StartInfo([], $"kill -{signal} {process} 2>/dev/null");
        using Process kill = Process.Start(start)!;
        kill.WaitForExit();
        return kill.ExitCode == 0;
    }
}
