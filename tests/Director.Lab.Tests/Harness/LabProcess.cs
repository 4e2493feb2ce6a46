using System.Diagnostics;

namespace Director.Lab.Tests.Harness;

/// <summary>A program in the background of a lab host, with its output in a file.</summary>
public sealed class LabProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;

    private LabProcess(LabHost host, string name, string command, Process process, string log)
    {
        Host = host;
        Name = name;
        Command = command;
        Log = log;
        _process = process;
        Id = process.Id;
    }

    public LabHost Host { get; }

    public string Name { get; }

    public string Command { get; }

    /// <summary>Path of the file with everything that it printed.</summary>
    public string Log { get; }

    public int Id { get; }

    public bool Running => !_process.HasExited;

    internal static LabProcess Start(LabHost host, string name, string command)
    {
        string log = Path.Combine(host.Logs, $"{host.Name}-{name}.log");
        // Each step replaces the one before (ip netns exec, sh, the command): the process identifier is the program's own.
        Process process = new() { StartInfo = Shell.StartInfo(Namespaces.Words(host.Namespace), $"exec >>'{log}' 2>&1 </dev/null; exec {command}") };
        process.Start();
        return new LabProcess(host, name, command, process, log);
    }

    public string Printed() => File.Exists(Log) ? File.ReadAllText(Log) : "";

    /// <summary>Waits until <paramref name="text"/> is in the log; fails at once if the program ends without it.</summary>
    public async Task<LabProcess> SaysAsync(string text, TimeSpan? limit = null)
    {
        await Eventually.TrueAsync($"{Name} on {Host.Name} says \"{text}\"", () =>
        {
            bool running = Running;
            if (Printed().Contains(text, StringComparison.Ordinal))
                return true;
            if (!running)
                Assert.Fail($"{Host.Name}# {Command}\nended with {_process.ExitCode} before it said \"{text}\":\n{Printed()}");
            return false;
        }, limit, () => Task.FromResult(Printed()));
        return this;
    }

    /// <param name="signal">TERM, KILL, STOP, ...</param>
    public Task SignalAsync(string signal) => Signals.SendAsync(Id, signal);

    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        await Eventually.TrueAsync($"{Name} on {Host.Name} ends", () => !Running, limit, () => Task.FromResult(Printed()));
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, unless it has ended by itself, and what it printed by then.</summary>
    public async Task<string> StopAsync(TimeSpan? limit = null)
    {
        if (Running)
            _ = Signals.TrySend(Id, "TERM");
        await ExitAsync(limit);
        return Printed();
    }

    public async ValueTask DisposeAsync()
    {
        if (Running)
        {
            _ = Signals.TrySend(Id, "CONT");
            _ = Signals.TrySend(Id, "TERM");
            using CancellationTokenSource patience = new(Patience);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
        _process.Dispose();
    }
}
