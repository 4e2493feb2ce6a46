using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Control;

/// <summary>
/// Starts engine processes. One gets none of our pipes (it writes to its log file) and takes a session of its own, so that
/// nothing of ours that dies or is waited for is bound to it.
/// </summary>
public sealed class EngineLauncher
{
    private const int TailLength = 4096;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly string _program;
    private readonly string _logFile;
    private readonly TimeProvider _time;

    /// <param name="program">Path of <c>director-engine</c>.</param>
    /// <param name="logFile">What it appends its log to; absolute.</param>
    /// <param name="time">For the wait until it answers.</param>
    public EngineLauncher(string program, string logFile, TimeProvider time)
    {
        _program = program;
        _logFile = logFile;
        _time = time;
    }

    /// <summary>Completes when the engine's socket answers.</summary>
    /// <exception cref="EngineException">It could not be started, ended at once, or does not answer; with the end of its log.</exception>
    public async Task StartAsync(string socketPath, string name, CancellationToken cancellation)
    {
        long logged = LogLength();
        using Process process = Launch(socketPath, name);
        long started = _time.GetTimestamp();
        while (!Answers(socketPath))
        {
            if (process.HasExited)
                throw new EngineException($"{_program} ended with exit code {process.ExitCode}{LogSince(logged)}");
            if (_time.GetElapsedTime(started) > Patience)
            {
                process.Kill();
                throw new EngineException(
                    $"{_program} (pid {process.Id}) did not open {socketPath} within {Patience.TotalSeconds:0} s{LogSince(logged)}");
            }
            await Task.Delay(Pause, _time, cancellation).ConfigureAwait(false);
        }
    }

    private Process Launch(string socketPath, string name)
    {
        ProcessStartInfo start = new(_program)
        {
            ArgumentList = { "--socket", socketPath, "--name", name, "--log", _logFile },
            UseShellExecute = false,
            WorkingDirectory = "/",
            // Room for what the control thread allocates over hours (hexadecimal, 32 MB): a collection stops every thread of the engine,
            // the election's too, until the last of them has been scheduled.
            Environment = { ["DOTNET_GCgen0size"] = "2000000" },
        };
        try
        {
            return Process.Start(start) ?? throw new EngineException($"cannot start {_program}");
        }
        catch (Win32Exception failure)
        {
            throw new EngineException($"cannot start {_program}: {failure.Message}", failure);
        }
    }

    private static bool Answers(string socketPath)
    {
        using UnixChannel? channel = UnixChannel.Connect(socketPath, out _);
        return channel is not null;
    }

    private long LogLength() => File.Exists(_logFile) ? new FileInfo(_logFile).Length : 0;

    // Only what this engine wrote; an earlier one's last words would mislead.
    private string LogSince(long position)
    {
        try
        {
            using FileStream log = File.OpenRead(_logFile);
            log.Position = Math.Min(log.Length, Math.Max(position, log.Length - TailLength));
            using StreamReader reader = new(log, Encoding.UTF8);
            string tail = reader.ReadToEnd().Trim();
            return tail.Length == 0 ? $"; {_logFile} says nothing" : $"; its log says:\n{tail}";
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"; its log {_logFile} cannot be read: {failure.Message}";
        }
    }
}
