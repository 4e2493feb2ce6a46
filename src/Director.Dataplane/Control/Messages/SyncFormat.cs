using Director.Dataplane.Synchronization;

namespace Director.Dataplane.Control.Messages;

/// <summary>Connection sync between an engine and its directord, which carries batches and answers to and from other directors.</summary>
public static class SyncFormat
{
    /// <summary>Of SyncOut and SyncIn: the peer, then the batch (docs/connection-sync.md).</summary>
    public static void WriteBatch(FrameWriter writer, ulong peer, ReadOnlySpan<byte> batch)
    {
        writer.UInt64(peer);
        writer.Bytes(batch);
    }

    public static SyncedBatch ReadBatch(ref FrameReader reader) => new(reader.UInt64(), reader.Bytes());

    /// <summary>The answer to SyncIn.</summary>
    public static void WriteAck(FrameWriter writer, SyncAck ack)
    {
        writer.Byte((byte)ack.Flags);
        writer.UInt64(ack.Epoch);
        writer.UInt64(ack.Stream);
        writer.UInt64(ack.Sequence);
    }

    public static SyncAck ReadAck(ref FrameReader reader) => new((SyncAckFlags)reader.Byte(), reader.UInt64(), reader.UInt64(), reader.UInt64());

    /// <summary>Of SyncAck: the peer, then its answer.</summary>
    public static void WritePeerAck(FrameWriter writer, ulong peer, SyncAck ack)
    {
        writer.UInt64(peer);
        WriteAck(writer, ack);
    }

    public static (ulong Peer, SyncAck Ack) ReadPeerAck(ref FrameReader reader) => (reader.UInt64(), ReadAck(ref reader));

    public static void WritePeer(FrameWriter writer, SyncPeer peer)
    {
        writer.UInt64(peer.Peer);
        writer.Bool(peer.Runs);
        writer.UInt64(peer.Self);
        writer.UInt64(peer.Epoch);
        writer.Bool(peer.Strict);
        writer.UInt32(peer.StrictMilliseconds);
    }

    public static SyncPeer ReadPeer(ref FrameReader reader) =>
        new(reader.UInt64(), reader.Bool(), reader.UInt64(), reader.UInt64(), reader.Bool(), reader.UInt32());
}
