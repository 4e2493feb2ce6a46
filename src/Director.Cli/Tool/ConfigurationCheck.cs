using System.ComponentModel;
using System.Diagnostics;

namespace Director.Cli.Tool;

/// <summary><c>director check</c>: runs <c>directord --check</c>, which lies beside this program; its output and exit code are ours.</summary>
internal static class ConfigurationCheck
{
    public static async Task<int> RunAsync(string file, TextWriter errors)
    {
        string directord = Path.Combine(AppContext.BaseDirectory, "directord");
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(directord, ["--check", file]) { UseShellExecute = false })
                ?? throw new InvalidOperationException("no process");
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            await errors.WriteLineAsync($"director: cannot run {directord}: {e.Message}").ConfigureAwait(false);
            return DirectorTool.NotReady;
        }
    }
}
