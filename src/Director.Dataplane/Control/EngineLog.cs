using System.Globalization;

namespace Director.Dataplane.Control;

/// <summary>
/// The engine's log: lines for its own file, and events for directord while one is attached. Any thread may write, but not
/// per packet.
/// </summary>
public sealed class EngineLog
{
    private readonly Lock _gate = new();
    private readonly TextWriter _output;
    private readonly TimeProvider _time;

    public EngineLog(TextWriter output, TimeProvider time)
    {
        _output = output;
        _time = time;
    }

    /// <summary>Raised on the thread that writes.</summary>
    public event Action<EngineLogLine>? Written;

    public void Debug(string text) => Write(new EngineLogLine(EngineLogLevel.Debug, text));

    public void Information(string text) => Write(new EngineLogLine(EngineLogLevel.Information, text));

    public void Warning(string text) => Write(new EngineLogLine(EngineLogLevel.Warning, text));

    public void Error(string text) => Write(new EngineLogLine(EngineLogLevel.Error, text));

    private void Write(EngineLogLine line)
    {
        lock (_gate)
        {
            _output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(line.Level)} {line.Text}"));
            _output.Flush();
        }
        Written?.Invoke(line);
    }

    private static string Name(EngineLogLevel level) => level switch
    {
        EngineLogLevel.Debug => "debug",
        EngineLogLevel.Information => "info",
        EngineLogLevel.Warning => "warning",
        _ => "error",
    };
}
