using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Director.Dataplane.Control.Messages;
using Director.Model;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Control;

/// <summary>
/// directord's end of the control socket: one attached engine. Requests may overlap; each completes with its own answer. When
/// the connection ends, every outstanding one fails and <see cref="Disconnected"/> completes; a new engine is a new client.
/// </summary>
public sealed class EngineClient : IForwardingEngine, IAsyncDisposable
{
    /// <summary>The packet thread takes a command between two batches; even a table of 10,000 services is a matter of 100 ms.</summary>
    public static readonly TimeSpan DefaultPatience = TimeSpan.FromSeconds(10);

    private readonly EngineClientConnection _connection;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, PendingRequest> _pending = new();
    private ulong _correlation;

    private EngineClient(EngineClientConnection connection, TimeProvider time)
    {
        _connection = connection;
        _time = time;
    }

    /// <summary>Who answers at the other end.</summary>
    public EngineIdentity Engine => _connection.Engine;

    public ushort Protocol => _connection.Version;

    /// <summary>The revision that was live when we attached; 0 in a new engine.</summary>
    public ulong AttachedRevision => _connection.AttachedRevision;

    /// <summary>
    /// The engine's connection memory, to be handed to its successor (<see cref="AdoptAsync"/>); empty until it has one. The
    /// taker of a handle closes it: they stay open when the client is disposed.
    /// </summary>
    public IReadOnlyList<SafeFileHandle> Memory => _connection.Memory;

    /// <summary>What the engine tells by itself; completes with the connection. Of one who does not read the oldest are dropped.</summary>
    public ChannelReader<EngineEvent> Events => _connection.Events;

    /// <summary>Completes with the reason when the connection has ended.</summary>
    public Task<string> Disconnected => _connection.Ended;

    /// <exception cref="EngineException">With <see cref="EngineException.Fault"/> NotListening, Unreachable or Refused.</exception>
    public static async Task<EngineClient> ConnectAsync(
        string path, EngineIdentity self, TimeProvider time, CancellationToken cancellation, ProtocolRange? versions = null)
    {
        EngineClientConnection connection = new(path, self, versions ?? ProtocolRange.Supported, time);
        EngineClient client = new(connection, time);
        try
        {
            await connection.AttachAsync(client.Answered, client.FailAll, cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets a new engine come up on the connection memory of the one before; to be done before it is configured.</summary>
    public Task AdoptAsync(IReadOnlyList<SafeFileHandle> memory, CancellationToken cancellation) =>
        RequestAsync(MessageType.Adopt, writer => NoticeFormat.WriteMemory(writer, memory.Count), Nothing, cancellation, [.. memory]);

    public Task ConfigureAsync(EngineConfiguration configuration, CancellationToken cancellation) =>
        RequestAsync(MessageType.Configure, writer => ConfigurationFormat.Write(writer, configuration), Nothing, cancellation);

    public Task<ulong> ApplyAsync(TableUpdate update, CancellationToken cancellation) => RequestAsync(
        MessageType.Apply, writer => TableFormat.Write(writer, update), static (ref FrameReader reader) => reader.UInt64(), cancellation);

    public Task<AddressConflict[]> ProbeAsync(IPAddress[] addresses, CancellationToken cancellation) => RequestAsync(
        MessageType.Probe, writer => ConfigurationFormat.WriteAddresses(writer, addresses), ConfigurationFormat.ReadConflicts, cancellation);

    public Task OwnAsync(bool owner, CancellationToken cancellation) =>
        RequestAsync(MessageType.Own, writer => writer.Bool(owner), Nothing, cancellation);

    public Task SetElectionAsync(ElectionConfiguration election, CancellationToken cancellation) => Protocol >= 2
        ? RequestAsync(MessageType.SetElection, writer => ElectionFormat.Write(writer, election), Nothing, cancellation)
        : throw new EngineException(
            $"director-engine {Engine.Version} (pid {Engine.ProcessId}) knows no election: end it (kill {Engine.ProcessId}), so that directord starts its own");

    public void Hear(ReadOnlyMemory<byte> frame) => Say(MessageType.Hear, writer => writer.Bytes(frame.Span));

    public void Hint(ElectionHint hint, ulong director) => Say(MessageType.Hint, writer => ElectionFormat.WriteHint(writer, hint, director));

    public Task ZeroAsync(ServiceKey? service, CancellationToken cancellation) =>
        RequestAsync(MessageType.Zero, writer => ServiceFormat.WriteOptionalKey(writer, service), Nothing, cancellation);

    public Task<Timeouts> SetTimeoutsAsync(Timeouts change, CancellationToken cancellation) => RequestAsync(
        MessageType.SetTimeouts, writer => StatisticsFormat.WriteTimeouts(writer, change), StatisticsFormat.ReadTimeouts, cancellation);

    public Task SetMarksAsync(MarkRule[] rules, CancellationToken cancellation) =>
        RequestAsync(MessageType.SetMarks, writer => MarksFormat.Write(writer, rules), Nothing, cancellation);

    public Task SetSettingsAsync(Settings settings, CancellationToken cancellation) =>
        RequestAsync(MessageType.SetSettings, writer => SettingsFormat.Write(writer, settings), Nothing, cancellation);

    public Task<TableStatistics> StatisticsAsync(CancellationToken cancellation) =>
        RequestAsync(MessageType.Statistics, static _ => { }, StatisticsFormat.Read, cancellation);

    public async IAsyncEnumerable<ConnectionEntry[]> ConnectionsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        uint cursor = 0;
        do
        {
            uint from = cursor;
            (cursor, ConnectionEntry[] entries) = await RequestAsync(
                MessageType.Connections, writer => writer.UInt32(from), ConnectionsFormat.Read, cancellation).ConfigureAwait(false);
            if (entries.Length > 0)
                yield return entries;
        }
        while (cursor != 0);
    }

    public Task<EngineStatus> StatusAsync(CancellationToken cancellation) =>
        RequestAsync(MessageType.Status, static _ => { }, StatusFormat.Read, cancellation);

    public Task StopAsync(CancellationToken cancellation) =>
        RequestAsync(MessageType.Stop, static _ => { }, Nothing, cancellation);

    /// <summary>Detaches; the engine goes on forwarding.</summary>
    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private static bool Nothing(ref FrameReader reader) => true;

    private async Task<T> RequestAsync<T>(
        MessageType type, Action<FrameWriter> body, FrameReader.Element<T> answer, CancellationToken cancellation,
        SafeFileHandle[]? descriptors = null)
    {
        cancellation.ThrowIfCancellationRequested();
        ulong correlation = Interlocked.Increment(ref _correlation);
        PendingRequest<T> pending = new(type, answer);
        // Encoded by the caller, not by the loop: what is wrong with a request is told to the one who made it.
        FrameWriter frame = new() { Version = Protocol };
        frame.Begin(type, correlation);
        body(frame);
        frame.End();
        _pending[correlation] = pending;
        try
        {
            if (!_connection.Send(frame, descriptors))
                throw Gone(type, Disconnected.IsCompletedSuccessfully ? await Disconnected.ConfigureAwait(false) : "it is being closed");
            return await pending.Answer.WaitAsync(DefaultPatience, _time, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new EngineException($"the engine (pid {Engine.ProcessId}) did not answer {type} within {DefaultPatience.TotalSeconds:0} s")
            {
                Fault = EngineFault.Unreachable,
            };
        }
        finally
        {
            _pending.TryRemove(correlation, out _);
        }
    }

    // What has no answer.
    private void Say(MessageType type, Action<FrameWriter> body)
    {
        if (Protocol < 2)
            return;
        FrameWriter frame = new() { Version = Protocol };
        frame.Begin(type, 0);
        body(frame);
        frame.End();
        _ = _connection.Send(frame, null);
    }

    private static EngineException Gone(MessageType type, string reason) =>
        new($"{type} was lost: {reason}") { Fault = EngineFault.Unreachable };

    // On the loop's thread. Null: fine, or an answer that nobody waits for any more.
    private string? Answered(FrameHeader header, ref FrameReader reader) =>
        _pending.TryRemove(header.Correlation, out PendingRequest? pending) ? pending.Complete(header, ref reader) : null;

    private void FailAll(string reason)
    {
        foreach (ulong correlation in _pending.Keys)
        {
            if (_pending.TryRemove(correlation, out PendingRequest? pending))
                pending.Fail(Gone(pending.Type, reason));
        }
    }
}
