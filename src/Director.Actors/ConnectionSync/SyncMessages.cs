using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Synchronization;

namespace Director.Actors.ConnectionSync;

/// <summary>How connections are kept in sync (<c>director.connection-sync</c>).</summary>
/// <param name="Self">This director's name.</param>
/// <param name="Strict">A connection's first packet waits until a standby knows of it.</param>
/// <param name="StrictTimeout">But no longer than this.</param>
public sealed record SyncOptions(string Self, bool Strict, TimeSpan StrictTimeout);

/// <summary>
/// On the event stream, when it changes: whether this director's connections are the owner's, so that it could take over with them.
/// </summary>
public sealed record SyncState(bool InSync, ulong Epoch);

/// <summary>The owner to a standby: a batch, as its engine made it.</summary>
public sealed record SyncBatchMessage(byte[] Batch) : IWireMessage;

/// <summary>A standby to the owner: what its engine answered to a batch.</summary>
/// <param name="Name">The standby's.</param>
/// <param name="Ack">Its answer.</param>
public sealed record SyncAckMessage(string Name, SyncAck Ack) : IWireMessage;

// The engine's own bytes, which carry a version and a checksum of theirs. A version that we do not know is the engine's to refuse.
internal sealed class SyncBatchFormat() : WireFormat<SyncBatchMessage>("sync-batch-1")
{
    protected override void Write(FrameWriter writer, SyncBatchMessage message) => throw new NotSupportedException();

    protected override SyncBatchMessage Read(ref FrameReader reader) => throw new NotSupportedException();

    protected override byte[] Encode(SyncBatchMessage message) => message.Batch;

    protected override SyncBatchMessage Decode(byte[] bytes, out string? fault)
    {
        fault = SyncBatch.TryOpen(bytes, out _, out _) == BatchFault.Broken ? "its checksum does not fit" : null;
        return new SyncBatchMessage(bytes);
    }
}

internal sealed class SyncAckFormat() : WireFormat<SyncAckMessage>("sync-ack-1")
{
    protected override void Write(FrameWriter writer, SyncAckMessage message)
    {
        writer.Text(message.Name);
        SyncFormat.WriteAck(writer, message.Ack);
    }

    protected override SyncAckMessage Read(ref FrameReader reader) => new(reader.Text(), SyncFormat.ReadAck(ref reader));
}
