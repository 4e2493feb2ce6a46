using System.Diagnostics;
using Director.Actors.Tests;

namespace Director.Host.Tests;

/// <summary>The program itself: exit codes, and where it writes.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_error_of_a_configuration_at_once_and_exit_code_2()
    {
        string file = Write("director {\n  nam = a\n  interfaces = []\n}\n");
        (int exitCode, string output, string errors) = await RunAsync("--config", file);
        Assert.Equal((2, ""), (exitCode, output));
        string[] lines = errors.TrimEnd().Split('\n');
        Assert.Contains(lines, line => line.StartsWith($"{file}:2: director.nam: ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"{file}:3: director.interfaces: ", StringComparison.Ordinal));
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_sound_configuration_checks_ok()
    {
        string file = Write("director { name = a, interfaces = [eth0] }");
        Assert.Equal((0, $"{file}: ok\n", ""), await RunAsync("--check", file));
    }

    [Fact]
    public async Task What_is_hardly_meant_is_warned_about_and_checks_ok()
    {
        string file = Write("""
            director {
              name = a, interfaces = [eth0]
              firewall-marks = ["-d 10.1.0.100 -p tcp --dport 80 -j MARK --set-mark 7", "-p gre -j MARK --set-mark 8"]
              services = [ { address = "fwmark 7" }, { address = "tcp 10.1.0.100:80" } ]
            }
            """);
        (int exitCode, string output, string errors) = await RunAsync("--check", file);
        Assert.Equal((0, $"{file}: ok\n"), (exitCode, output));
        Assert.Equal(
            [
                $"{file}: warning: mark rule 2 (-p gre -j MARK --set-mark 8) is of no use: it marks only gre, which no service balances",
                $"{file}: warning: tcp 10.1.0.100:80 gets no packets: mark rules give them to fwmark 7",
            ],
            errors.TrimEnd().Split('\n'));
    }

    [Theory]
    [InlineData(0, "--version")]
    [InlineData(0, "--help")]
    [InlineData(2)]
    [InlineData(2, "--config")]
    [InlineData(2, "--bogus", "x")]
    [InlineData(2, "--check", "/no/such/file")]
    public async Task Command_lines_and_their_exit_codes(int expected, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await RunAsync(arguments);
        Assert.Equal(expected, exitCode);
        Assert.NotEmpty(expected == 0 ? output : errors);
        Assert.Empty(expected == 0 ? errors : output);
    }

    [Fact]
    public async Task A_journal_that_cannot_be_used_is_named_and_exit_code_1()
    {
        await File.WriteAllTextAsync(_folder.Journal, "no database at all", TestContext.Current.CancellationToken);
        string file = Write($"director {{ name = a, interfaces = [eth0], data-directory = \"{_folder.Path}\", management.socket = \"{_folder.Path}/d.sock\" }}");
        (int exitCode, _, string errors) = await RunAsync("--config", file);
        Assert.Equal(1, exitCode);
        Assert.Equal($"directord: journal {_folder.Journal}: it is not a database. Nothing was changed; restore it from a backup, or move it away to start with no services\n", errors);
    }

    private string Write(string text)
    {
        string file = Path.Combine(_folder.Path, "director.conf");
        File.WriteAllText(file, text);
        return file;
    }

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "directord"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}
