using System.ComponentModel;
using System.Diagnostics;

namespace Director.Cli.Tool;

/// <summary><c>director check</c>: runs <c>directord --check</c>, from beside this program or from PATH; its output and exit code are ours.</summary>
internal static class ConfigurationCheck
{
    public static async Task<int> RunAsync(string file, TextWriter errors)
    {
        string beside = Path.Combine(AppContext.BaseDirectory, "directord");
        string directord = File.Exists(beside) ? beside : "directord";
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(directord, ["--check", file]) { UseShellExecute = false })
                ?? throw new InvalidOperationException("no process");
            await process.WaitForExitAsync().ConfigureAwait(false);
            return process.ExitCode;
        }
        catch (Win32Exception)
        {
            await errors.WriteLineAsync($"director: cannot run directord: it is neither {beside} nor in PATH").ConfigureAwait(false);
            return DirectorTool.NotReady;
        }
    }
}
