using System.IO.Compression;
using System.Runtime.Serialization;
using System.Text.Json;
using Director.Actors.Cluster.Wire;
using Director.Dataplane.Control.Messages;

namespace Director.Actors.Replication;

internal sealed class ReplicaHelloFormat() : WireFormat<ReplicaHello>("replica-hello-1")
{
    protected override void Write(FrameWriter writer, ReplicaHello message)
    {
        writer.Bool(message.IsFirst);
        writer.Bool(message.WantsAnswer);
        writer.OptionalText(message.Cluster?.Cluster);
        writer.Bool(message.Cluster?.IsSettled == true);
        writer.OptionalText(message.Content);
        writer.OptionalText(message.Declares);
        writer.Count(message.Digest.Length);
        foreach (ulong bucket in message.Digest)
            writer.UInt64(bucket);
    }

    protected override ReplicaHello Read(ref FrameReader reader)
    {
        bool isFirst = reader.Bool(), wantsAnswer = reader.Bool();
        string? cluster = reader.OptionalText();
        bool isSettled = reader.Bool();
        ReplicaHello hello = new()
        {
            IsFirst = isFirst,
            WantsAnswer = wantsAnswer,
            Cluster = cluster is null ? null : new ClusterIdentified(cluster, isSettled),
            Content = reader.OptionalText(),
            Declares = reader.OptionalText(),
            Digest = [.. reader.Array(sizeof(ulong), static (ref FrameReader each) => each.UInt64())],
        };
        if (hello.Digest.Length != ObjectDigest.Length)
            reader.Break($"a digest has {ObjectDigest.Length} numbers, not {hello.Digest.Length}");
        return hello;
    }
}

/// <summary>States that together are large are packed (RFC 1951): a service may have thousands of servers, a message must stay below 1 MiB.</summary>
internal sealed class ReplicaObjectsFormat() : WireFormat<ReplicaObjects>("replica-objects-1")
{
    /// <summary>What a message may hold unpacked, in bytes.</summary>
    private const int Largest = 64 * 1024 * 1024;

    protected override void Write(FrameWriter writer, ReplicaObjects message)
    {
        writer.UInt64(message.Transfer);
        writer.Count(message.States.Length);
        foreach (EncodedState state in message.States)
        {
            bool pack = state.Bytes.Length > Peer.Chunk;
            writer.Text(state.Manifest);
            writer.Bool(pack);
            writer.Bytes(pack ? Packed(state.Bytes) : state.Bytes);
        }
    }

    protected override ReplicaObjects Read(ref FrameReader reader)
    {
        ulong transfer = reader.UInt64();
        EncodedState[] states = reader.Array(2 + 1 + 4, static (ref FrameReader each) =>
        {
            string manifest = each.Text();
            bool packed = each.Bool();
            byte[] bytes = each.Bytes();
            return new EncodedState(manifest, packed ? Unpacked(bytes, ref each) : bytes);
        });
        foreach (EncodedState state in states)
            Check(state, ref reader);
        return new ReplicaObjects(transfer, [.. states]);
    }

    private static void Check(EncodedState state, ref FrameReader reader)
    {
        try
        {
            state.Decode();
        }
        catch (Exception e) when (e is JsonException or SerializationException or NotSupportedException or ArgumentException or InvalidOperationException)
        {
            reader.Break($"an object's state '{state.Manifest}' cannot be read: {e.Message}");
        }
    }

    private static byte[] Packed(byte[] bytes)
    {
        using MemoryStream packed = new();
        using (DeflateStream deflate = new(packed, CompressionLevel.Fastest))
            deflate.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Unpacked(byte[] bytes, ref FrameReader reader)
    {
        try
        {
            using DeflateStream inflate = new(new MemoryStream(bytes), CompressionMode.Decompress);
            using MemoryStream unpacked = new();
            byte[] block = new byte[64 * 1024];
            for (int read; (read = inflate.Read(block)) > 0 && unpacked.Length <= Largest;)
                unpacked.Write(block, 0, read);
            if (unpacked.Length > Largest)
                reader.Break("an object's state is too large");
            return unpacked.ToArray();
        }
        catch (InvalidDataException e)
        {
            reader.Break($"a packed state cannot be unpacked: {e.Message}");
            return [];
        }
    }
}

internal sealed class ReplicaStoredFormat() : WireFormat<ReplicaStored>("replica-stored-1")
{
    protected override void Write(FrameWriter writer, ReplicaStored message) => writer.UInt64(message.Transfer);

    protected override ReplicaStored Read(ref FrameReader reader) => new(reader.UInt64());
}

internal sealed class ForwardedCommandsFormat() : WireFormat<ForwardedCommands>("forwarded-commands-1")
{
    protected override void Write(FrameWriter writer, ForwardedCommands message)
    {
        writer.UInt64(message.Id);
        writer.UInt32(message.Part);
        writer.Bool(message.IsLast);
        writer.Bytes(message.Bytes);
    }

    protected override ForwardedCommands Read(ref FrameReader reader) => new(reader.UInt64(), reader.UInt32(), reader.Bool(), reader.Bytes());
}

internal sealed class ForwardedAnswerFormat() : WireFormat<ForwardedAnswer>("forwarded-answer-1")
{
    protected override void Write(FrameWriter writer, ForwardedAnswer message)
    {
        writer.UInt64(message.Id);
        writer.UInt32(message.Part);
        writer.Bool(message.IsLast);
        writer.Bool(message.IsOwner);
        writer.Bytes(message.Bytes);
    }

    protected override ForwardedAnswer Read(ref FrameReader reader) => new(reader.UInt64(), reader.UInt32(), reader.Bool(), reader.Bool(), reader.Bytes());
}
