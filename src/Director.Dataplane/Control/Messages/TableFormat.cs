using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>A change of the forwarding table.</summary>
public static class TableFormat
{
    public static void Write(FrameWriter writer, TableUpdate update)
    {
        writer.UInt64(update.BaseRevision);
        writer.UInt64(update.Revision);
        writer.Bool(update.Full);
        writer.Count(update.Changed.Length);
        foreach (VirtualService service in update.Changed)
            ServiceFormat.WriteService(writer, service);
        writer.Count(update.Removed.Length);
        foreach (ServiceKey key in update.Removed)
            ServiceFormat.WriteKey(writer, key);
    }

    public static TableUpdate Read(ref FrameReader reader) => new(
        reader.UInt64(), reader.UInt64(), reader.Bool(),
        reader.Array(ServiceFormat.SmallestService, ServiceFormat.ReadService),
        reader.Array(ServiceFormat.SmallestKey, ServiceFormat.ReadKey));
}
