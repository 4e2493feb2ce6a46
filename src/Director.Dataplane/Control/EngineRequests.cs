using System.Net;
using System.Net.Sockets;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Linux;
using Director.Model;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Control;

/// <summary>
/// Each request of directord: read, done by the core, answered. A broken one closes the connection, a refused one is an Error.
/// </summary>
internal sealed class EngineRequests
{
    /// <summary>How long other hosts have to answer an ARP probe.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromMilliseconds(100);

    /// <summary>And one of neighbour discovery, which another who is about to take the address answers with his own (RFC 4862: RetransTimer).</summary>
    private static readonly TimeSpan Ipv6ProbePatience = TimeSpan.FromSeconds(1);

    private readonly ControlLoop _loop;
    private readonly EngineIdentity _identity;
    private readonly IEngineCore _core;
    private readonly EngineLog _log;
    private readonly Action<string> _end;
    private readonly ConnectionEntry[] _chunk = new ConnectionEntry[ConnectionsFormat.ChunkSize];
    private int[] _told = [];

    public EngineRequests(ControlLoop loop, EngineIdentity identity, IEngineCore core, EngineLog log, Action<string> end)
    {
        _loop = loop;
        _identity = identity;
        _core = core;
        _log = log;
        _end = end;
    }

    /// <summary>The first thing a welcome directord hears.</summary>
    public void Attached(ControlChannel channel)
    {
        SafeFileHandle[] memory = Memory();
        channel.Attach(memory);
        channel.Output.Begin(MessageType.Attached, 0);
        NoticeFormat.WriteAttached(channel.Output, channel.Version, _core.Revision, memory.Length);
        channel.Output.End();
        channel.Flush();
    }

    public void Handle(ControlChannel channel, FrameHeader header, ref FrameReader reader)
    {
        try
        {
            Dispatch(channel, header, ref reader);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(channel, header, failure);
        }
    }

    private void Dispatch(ControlChannel channel, FrameHeader header, ref FrameReader reader)
    {
        switch (header.Type)
        {
            case MessageType.Adopt:
                Adopt(channel, header, ref reader);
                break;
            case MessageType.Configure:
                EngineConfiguration configuration = ConfigurationFormat.Read(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                _core.Configure(configuration);
                TellMemory(channel);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.Apply:
                TableUpdate update = TableFormat.Read(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                ulong revision = _core.Apply(update);
                Answer(channel, header, writer => writer.UInt64(revision));
                break;
            case MessageType.Probe:
                IPAddress[] addresses = ConfigurationFormat.ReadAddresses(ref reader);
                if (Whole(channel, header, ref reader))
                    Probe(channel, header, addresses);
                break;
            case MessageType.Own:
                bool owner = reader.Bool();
                if (!Whole(channel, header, ref reader))
                    return;
                _core.Own(owner);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.Zero:
                ServiceKey? service = ServiceFormat.ReadOptionalKey(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                _core.Zero(service);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.SetTimeouts:
                Timeouts change = StatisticsFormat.ReadTimeouts(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                Timeouts timeouts = _core.SetTimeouts(change);
                Answer(channel, header, writer => StatisticsFormat.WriteTimeouts(writer, timeouts));
                break;
            case MessageType.SetMarks:
                MarkRule[] rules = MarksFormat.Read(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                _core.SetMarks(rules);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.SetSettings:
                Settings settings = SettingsFormat.Read(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                _core.SetSettings(settings);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.SetElection:
                ElectionConfiguration election = ElectionFormat.Read(ref reader);
                if (!Whole(channel, header, ref reader))
                    return;
                _core.SetElection(election);
                Answer(channel, header, static _ => { });
                break;
            case MessageType.Hear:
                byte[] frame = reader.Bytes();
                if (Whole(channel, header, ref reader))
                    _core.Hear(frame);
                break;
            case MessageType.Hint:
                (ElectionHint hint, ulong director) = ElectionFormat.ReadHint(ref reader);
                if (Whole(channel, header, ref reader))
                    _core.Hint(hint, director);
                break;
            case MessageType.Statistics when Whole(channel, header, ref reader):
                TableStatistics statistics = _core.Statistics();
                Answer(channel, header, writer => StatisticsFormat.Write(writer, statistics));
                break;
            case MessageType.Connections:
                uint cursor = reader.UInt32();
                if (Whole(channel, header, ref reader))
                    Connections(channel, header, cursor);
                break;
            case MessageType.Status when Whole(channel, header, ref reader):
                EngineStatus status = _core.Status() with { ProcessId = _identity.ProcessId, Version = _identity.Version };
                Answer(channel, header, writer => StatusFormat.Write(writer, status));
                break;
            case MessageType.Stop when Whole(channel, header, ref reader):
                _end($"directord pid {channel.Peer.ProcessId} asked for it");
                Answer(channel, header, static _ => { });
                break;
            default:
                if (!channel.IsClosed)
                    Fail(channel, header, EngineFault.Unsupported, $"no message {(ushort)header.Type} in protocol {channel.Version}");
                break;
        }
    }

    private void Adopt(ControlChannel channel, FrameHeader header, ref FrameReader reader)
    {
        ushort count = NoticeFormat.ReadMemory(ref reader);
        if (!Whole(channel, header, ref reader))
            return;
        if (channel.TakeDescriptors(count) is not { } handles)
        {
            channel.Close($"the other side announced {count} descriptors and sent fewer");
            return;
        }
        if (_core.Descriptors.Length > 0)
        {
            foreach (SafeFileHandle handle in handles)
                handle.Dispose();
            throw new EngineException("the engine has a connection memory already");
        }
        int[] descriptors = new int[count];
        for (int i = 0; i < count; i++)
        {
            descriptors[i] = (int)handles[i].DangerousGetHandle();
            handles[i].SetHandleAsInvalid(); // the core's from here on
        }
        _core.Adopt(descriptors);
        Answer(channel, header, static _ => { });
    }

    // Other requests go on meanwhile: their answers overtake this one.
    private void Probe(ControlChannel channel, FrameHeader header, IPAddress[] addresses)
    {
        _core.BeginProbe(addresses);
        TimeSpan patience = addresses.Any(address => address.AddressFamily == AddressFamily.InterNetworkV6) ? Ipv6ProbePatience : ProbePatience;
        _loop.After(patience, () => EndProbe(channel, header, addresses));
    }

    private void EndProbe(ControlChannel channel, FrameHeader header, IPAddress[] addresses)
    {
        try
        {
            AddressConflict[] conflicts = _core.EndProbe(addresses);
            Answer(channel, header, writer => ConfigurationFormat.WriteConflicts(writer, conflicts));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Fail(channel, header, failure);
        }
    }

    // A chunk for a cursor: the engine keeps nothing of a listing, and one that nobody reads on costs nothing.
    private void Connections(ControlChannel channel, FrameHeader header, uint cursor)
    {
        int count = _core.Connections(ref cursor, _chunk);
        Answer(channel, header, writer => ConnectionsFormat.Write(writer, cursor, _chunk.AsSpan(0, count)));
        Array.Clear(_chunk, 0, count);
    }

    // Ahead of the answer to what made the memory: who has the answer holds the descriptors.
    private void TellMemory(ControlChannel channel)
    {
        if (_core.Descriptors.AsSpan().SequenceEqual(_told))
            return;
        SafeFileHandle[] memory = Memory();
        channel.Attach(memory);
        channel.Output.Begin(MessageType.Memory, 0);
        NoticeFormat.WriteMemory(channel.Output, memory.Length);
        channel.Output.End();
    }

    private SafeFileHandle[] Memory()
    {
        _told = [.. _core.Descriptors];
        return Array.ConvertAll(_told, descriptor => new SafeFileHandle(descriptor, ownsHandle: false));
    }

    private static bool Whole(ControlChannel channel, FrameHeader header, ref FrameReader reader)
    {
        if (reader.Finished())
            return true;
        channel.Close($"the other side sent a broken {header.Type}: {reader.Fault}");
        return false;
    }

    private static void Answer(ControlChannel channel, FrameHeader request, Action<FrameWriter> body)
    {
        if (channel.IsClosed)
            return;
        channel.Output.Begin(request.Type | MessageType.Answer, request.Correlation);
        try
        {
            body(channel.Output);
            channel.Output.End();
        }
        catch
        {
            channel.Output.Abandon();
            throw;
        }
        channel.Flush();
    }

    private void Fail(ControlChannel channel, FrameHeader request, Exception failure)
    {
        if (failure is EngineException refusal)
        {
            Fail(channel, request, refusal.Fault, refusal.Message);
            return;
        }
        // A fault of ours in one request must not stop the packets of all.
        _log.Error($"{request.Type} failed: {failure}");
        Fail(channel, request, EngineFault.Failed, $"internal error of the engine: {failure.Message}");
    }

    private static void Fail(ControlChannel channel, FrameHeader request, EngineFault fault, string text)
    {
        if (channel.IsClosed)
            return;
        channel.Output.Begin(MessageType.Error, request.Correlation);
        NoticeFormat.WriteError(channel.Output, fault, text);
        channel.Output.End();
        channel.Flush();
    }
}
