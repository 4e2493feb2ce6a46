using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace Director.Host.Marks;

/// <summary>
/// Runs iptables-save and ip6tables-save, if they are installed, over table mangle. Changes nothing on the host: asked for a table
/// that does not exist, the legacy variant makes it (and loads its module), so it is asked only for one that does.
/// </summary>
/// <param name="folders">Where the programs are looked for, in this order.</param>
/// <param name="tables">The folder of <c>ip_tables_names</c> and <c>ip6_tables_names</c>, which list the legacy tables that exist.</param>
public sealed class IptablesSave(IReadOnlyList<string> folders, string tables = "/proc/net") : IHostMarkSource
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>As a shell of root would find them: a service's PATH may lack the sbin folders.</summary>
    public static IptablesSave OfThisHost { get; } = new(
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin"]);

    public async Task<HostMarks> ReadAsync(CancellationToken cancellation)
    {
        HostMarks four = await ReadAsync("iptables", AddressFamily.InterNetwork, "ip_tables_names", cancellation);
        return four.With(await ReadAsync("ip6tables", AddressFamily.InterNetworkV6, "ip6_tables_names", cancellation));
    }

    private async Task<HostMarks> ReadAsync(string name, AddressFamily family, string list, CancellationToken cancellation)
    {
        HostMarks read = HostMarks.None;
        bool legacySeen = false;
        // Rules of the legacy tables are not among those of nf_tables, and both apply.
        foreach (string program in (string[])[$"{name}-save", $"{name}-legacy-save"])
        {
            if (Find(program) is not { } path)
                continue;
            try
            {
                bool legacy = !(await RunAsync(path, ["--version"], cancellation)).Contains("nf_tables", StringComparison.Ordinal);
                if (legacy && (legacySeen || !HasLegacyTable(list)))
                    continue;
                legacySeen |= legacy;
                read = read.With(HostMarks.Parse(await RunAsync(path, ["-t", "mangle"], cancellation), family));
            }
            catch (Exception e) when (e is Win32Exception or IOException or InvalidOperationException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
            {
                read = read.With(HostMarks.None with { Trouble = $"{path}: {(e is OperationCanceledException ? "it did not end in time" : e.Message)}" });
            }
        }
        return read;
    }

    private string? Find(string program) => folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private bool HasLegacyTable(string list)
    {
        try
        {
            return File.ReadLines(Path.Combine(tables, list)).Contains("mangle");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static async Task<string> RunAsync(string path, string[] arguments, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using Process process = Process.Start(new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })
            ?? throw new InvalidOperationException("it could not be started");
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
            string output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException((await errors).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}
