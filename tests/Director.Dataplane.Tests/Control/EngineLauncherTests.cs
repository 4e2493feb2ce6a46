using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Sessions;

namespace Director.Dataplane.Tests.Control;

/// <summary>The program director-engine as a process. Nothing here needs a privilege: it is never configured.</summary>
[SupportedOSPlatform("linux")]
public sealed class EngineLauncherTests : SocketFolder
{
    private static readonly string Program = typeof(EngineLauncherTests).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "EnginePath").Value!;

    private string LogFile => Path.Combine(Folder, "engine.log");

    private EngineLauncher Launcher => new(Program, LogFile, TimeProvider.System);

    [Fact]
    public async Task The_engine_answers_in_a_session_of_its_own_and_stops_when_asked()
    {
        await Launcher.StartAsync(SocketPath, "a", Cancellation);
        await using EngineClient client = await EngineClient.ConnectAsync(SocketPath, EngineIdentity.Current("a"), TimeProvider.System, Cancellation);
        using Process engine = Process.GetProcessById(client.Engine.ProcessId);
        Assert.NotEqual(Environment.ProcessId, engine.Id);
        // proc(5): the sixth field of stat is the session; the second, in parentheses, is the name.
        string[] stat = File.ReadAllText($"/proc/{engine.Id}/stat").Split(") ")[1].Split(' ');
        Assert.Equal(engine.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), stat[3]);
        Assert.Equal(LogFile, new FileInfo($"/proc/{engine.Id}/fd/2").LinkTarget);
        await client.StopAsync(Cancellation);
        await engine.WaitForExitAsync(Cancellation).WaitAsync(Patience, Cancellation);
        Assert.False(File.Exists(SocketPath));
        Assert.Contains("ending: directord pid", File.ReadAllText(LogFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_killed_engine_is_started_again()
    {
        await using EngineSession session = new(EngineAccess.At(SocketPath, "a", Launcher, TimeProvider.System), TimeProvider.System, _ => { });
        await session.OpenAsync(Cancellation);
        int first = session.Engine!.ProcessId;
        using (Process engine = Process.GetProcessById(first))
            engine.Kill();
        Assert.True(await Task.Run(() => SpinWait.SpinUntil(() => session.Engine is { } next && next.ProcessId != first && session.State.Serves, Patience), Cancellation));
        await session.StopAsync(Cancellation);
    }

    [Fact]
    public async Task One_that_ends_at_once_is_told_with_what_it_said()
    {
        File.WriteAllText(LogFile, "of an earlier engine\n");
        string script = Script("""echo "no CAP_NET_RAW: run as root" >> "$6"; exit 3""");
        EngineException failure = await Assert.ThrowsAsync<EngineException>(
            () => new EngineLauncher(script, LogFile, TimeProvider.System).StartAsync(SocketPath, "a", Cancellation));
        Assert.Equal($"{script} ended with exit code 3; its log says:\nno CAP_NET_RAW: run as root", failure.Message);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told()
    {
        EngineException failure = await Assert.ThrowsAsync<EngineException>(
            () => new EngineLauncher("/nowhere/director-engine", LogFile, TimeProvider.System).StartAsync(SocketPath, "a", Cancellation));
        Assert.StartsWith("cannot start /nowhere/director-engine: ", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "--socket PATH is missing", "--name NAME is missing")]
    [InlineData("--socket", "--socket wants a value", "--name NAME is missing")]
    [InlineData("--socket a --socket b --name c", "--socket is given twice")]
    [InlineData("--config x --socket a --name b", "unknown argument `--config'", "unknown argument `x'")]
    public async Task Every_mistake_on_the_command_line_is_told(string arguments, params string[] mistakes)
    {
        (int code, string error) = await Run(arguments);
        Assert.Equal(2, code);
        Assert.All(mistakes, mistake => Assert.Contains($"director-engine: {mistake}\n", error, StringComparison.Ordinal));
        Assert.Contains("usage: director-engine", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_socket_ends_the_second_engine()
    {
        using EngineInProcess engine = new(SocketPath);
        (int code, string error) = await Run($"--socket {SocketPath} --name b");
        Assert.Equal(1, code);
        Assert.Equal($"director-engine: socket path {SocketPath} is taken by a live engine (pid {Environment.ProcessId}, director a)\n", error);
    }

    private static async Task<(int Code, string Error)> Run(string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardError = true })!;
        string error = await process.StandardError.ReadToEndAsync(Cancellation).WaitAsync(Patience, Cancellation);
        await process.WaitForExitAsync(Cancellation).WaitAsync(Patience, Cancellation);
        return (process.ExitCode, error);
    }

    private string Script(string body)
    {
        string path = Path.Combine(Folder, "engine");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
