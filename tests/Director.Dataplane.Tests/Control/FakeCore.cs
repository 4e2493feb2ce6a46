using System.Net;
using System.Text;
using Director.Dataplane.Control;
using Director.Model;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Tests.Control;

/// <summary>An engine without packets: keeps what it was told, in the order in which it was told.</summary>
internal sealed class FakeCore : IEngineCore
{
    private readonly Lock _gate = new();
    private readonly List<string> _calls = [];
    private FileStream? _memory;

    public string[] Calls
    {
        get
        {
            lock (_gate)
                return [.. _calls];
        }
    }

    public ulong Revision { get; private set; }

    public TableUpdate? Table { get; private set; }

    public EngineConfiguration? Configuration { get; private set; }

    public ConnectionEntry[] Entries { get; init; } = [];

    /// <summary>Thrown by the next call.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What stands in the memory; the engine that adopted it reads what the one before wrote.</summary>
    public string MemoryText
    {
        get
        {
            Span<byte> bytes = stackalloc byte[64];
            int read = RandomAccess.Read(_memory!.SafeFileHandle, bytes, 0);
            return Encoding.ASCII.GetString(bytes[..read]);
        }
        set => RandomAccess.Write(_memory!.SafeFileHandle, Encoding.ASCII.GetBytes(value), 0);
    }

    public int[] Descriptors => _memory is null ? [] : [(int)_memory.SafeFileHandle.DangerousGetHandle()];

    public void Adopt(int[] descriptors)
    {
        Called($"adopt {descriptors.Length}");
        _memory = new FileStream(new SafeFileHandle(descriptors[0], ownsHandle: true), FileAccess.ReadWrite);
    }

    public void Configure(EngineConfiguration configuration)
    {
        Called($"configure {string.Join(',', configuration.Interfaces)}");
        Configuration = configuration;
        _memory ??= Memory.Create();
    }

    public ulong Apply(TableUpdate update)
    {
        Called($"apply {update.BaseRevision}->{update.Revision}");
        if (!update.Full && update.BaseRevision != Revision)
            return Revision;
        Table = update;
        return Revision = update.Revision;
    }

    public void BeginProbe(IPAddress[] addresses) => Called($"begin-probe {string.Join<IPAddress>(',', addresses)}");

    public AddressConflict[] EndProbe(IPAddress[] addresses)
    {
        Called("end-probe");
        return [.. addresses.Select(address => new AddressConflict(address, "eth0", "02:00:00:00:00:01"))];
    }

    public void Own(bool owner) => Called($"own {owner}");

    public event Action<EngineEvent>? Occurred;

    public void Tell(EngineEvent occurred) => Occurred?.Invoke(occurred);

    public void SetElection(ElectionConfiguration election) => Called($"election {election.Id} {election.AnnounceInterval}");

    public void Hear(ReadOnlySpan<byte> frame) => Called($"hear {Convert.ToHexString(frame)}");

    public void Hint(ElectionHint hint, ulong director) => Called($"hint {hint} {director}");

    public void Zero(ServiceKey? service) => Called($"zero {service}");

    public Timeouts SetTimeouts(Timeouts change)
    {
        Called($"timeouts {change.Tcp}");
        return new Timeouts().Changed(change);
    }

    public void SetMarks(MarkRule[] rules) => Called($"marks {string.Join<MarkRule>("; ", rules)}");

    public void SetSettings(Settings settings) => Called($"settings {string.Join(' ', settings.ToChanges().Select(each => $"{each.Key}={each.Value}"))}");

    public TableStatistics Statistics() => new([.. (Table?.Changed ?? []).Select(
        service => new ServiceStatistics(service.Key, new Statistics(Connections: 5), []))]);

    public int Connections(ref uint cursor, Span<ConnectionEntry> entries)
    {
        int count = Math.Min(entries.Length, Entries.Length - (int)cursor);
        Entries.AsSpan((int)cursor, count).CopyTo(entries);
        cursor = (uint)((int)cursor + count);
        if (cursor == Entries.Length)
            cursor = 0;
        return count;
    }

    public EngineStatus Status() => new(true, 0, "", 0, Revision, 5, 0, 0, [], [], [], [], []);

    public void Shutdown() => Called("shutdown");

    public void Dispose() => _memory?.Dispose();

    private void Called(string call)
    {
        lock (_gate)
            _calls.Add(call);
        if (Failure is { } failure)
        {
            Failure = null;
            throw failure;
        }
    }
}
