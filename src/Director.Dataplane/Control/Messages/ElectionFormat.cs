using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>The election's part of the control socket, from version 2 on.</summary>
public static class ElectionFormat
{
    private const int SmallestPeer = 33;
    private const int SmallestText = 2;

    public static void Write(FrameWriter writer, ElectionConfiguration election)
    {
        writer.UInt64(election.Id);
        writer.Byte(election.Priority);
        writer.Bool(election.Preempt);
        writer.UInt32(election.AnnounceInterval);
        writer.Byte(election.MissedAnnouncements);
        writer.OptionalAddress(election.Address);
        writer.Bytes(election.Key);
        writer.Text(election.EpochFile);
        writer.Byte(election.Peers);
        ConfigurationFormat.WriteAddresses(writer, election.TrackAddresses);
        writer.Bool(election.TrackAutomatically);
    }

    public static ElectionConfiguration Read(ref FrameReader reader) => new()
    {
        Id = reader.UInt64(),
        Priority = reader.Byte(),
        Preempt = reader.Bool(),
        AnnounceInterval = reader.UInt32(),
        MissedAnnouncements = reader.Byte(),
        Address = reader.OptionalAddress(),
        Key = reader.Bytes(),
        EpochFile = reader.Text(),
        Peers = reader.Byte(),
        TrackAddresses = ConfigurationFormat.ReadAddresses(ref reader),
        TrackAutomatically = reader.Bool(),
    };

    public static void WriteHint(FrameWriter writer, ElectionHint hint, ulong director)
    {
        writer.Byte((byte)hint);
        writer.UInt64(director);
    }

    public static (ElectionHint Hint, ulong Director) ReadHint(ref FrameReader reader)
    {
        ElectionHint hint = (ElectionHint)reader.Byte();
        if (!Enum.IsDefined(hint))
            reader.Break($"{(byte)hint} is no hint");
        return (hint, reader.UInt64());
    }

    public static void WriteStatus(FrameWriter writer, ElectionStatus status)
    {
        writer.Byte((byte)status.Phase);
        writer.UInt64(status.Epoch);
        writer.UInt64(status.Owner);
        writer.UInt64((ulong)status.SinceMilliseconds);
        writer.Text(status.Reason);
        writer.UInt64((ulong)status.GapMilliseconds);
        writer.Count(status.Peers.Length);
        foreach (ElectionPeer peer in status.Peers)
        {
            writer.UInt64(peer.Id);
            writer.Byte((byte)peer.Phase);
            writer.UInt64(peer.Epoch);
            writer.UInt64((ulong)peer.HeardOnSegment);
            writer.UInt64((ulong)peer.HeardOverCluster);
        }
        writer.Count(status.Warnings.Length);
        foreach (string warning in status.Warnings)
            writer.Text(warning);
    }

    public static ElectionStatus ReadStatus(ref FrameReader reader) => new(
        ReadPhase(ref reader), reader.UInt64(), reader.UInt64(), (long)reader.UInt64(), reader.Text(), (long)reader.UInt64(),
        reader.Array(SmallestPeer, static (ref FrameReader each) => new ElectionPeer(
            each.UInt64(), ReadPhase(ref each), each.UInt64(), (long)each.UInt64(), (long)each.UInt64())),
        reader.Array(SmallestText, static (ref FrameReader each) => each.Text()));

    private static ElectionPhase ReadPhase(ref FrameReader reader)
    {
        ElectionPhase phase = (ElectionPhase)reader.Byte();
        if (!Enum.IsDefined(phase))
            reader.Break($"{(byte)phase} is no phase of the election");
        return phase;
    }
}
