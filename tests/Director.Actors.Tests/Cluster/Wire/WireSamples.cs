using Akka.Cluster;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Wire;
using Director.Actors.ConnectionSync;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Synchronization;

namespace Director.Actors.Tests.Cluster.Wire;

/// <summary>Messages whose bytes are frozen in samples/NAME.hex: at least one of each format. Append; what is there stays.</summary>
internal static class WireSamples
{
    public static readonly (string Name, IWireMessage Message)[] All =
    [
        ("contact-1", new ContactHello
        {
            Name = "a",
            Address = "akka.tcp://director@10.3.0.1:4053",
            Incarnation = 0x1122334455667788,
            Uptime = 123456,
            Protocols = new ProtocolRange(1, 2),
            Version = "0.1.0",
            ConfigurationDigest = "5f70bf18a086007016e948b04aed3b82",
            KeyFingerprint = "c0ffee",
            Interfaces = ["eth0", "eth1"],
            Members = [new("akka.tcp://director@10.3.0.1:4053", -5, MemberStatus.Up, true), new("akka.tcp://director@10.3.0.2:4053", 77, MemberStatus.Leaving, false)],
        }),
        ("contact-1-alone", new ContactHello { Name = "b", Address = "akka.tcp://director@[fd00:3::2]:4053", Incarnation = 1, Uptime = 0, Protocols = new ProtocolRange(1, 1), Version = "" }),
        ("leaving-1", new PeerLeaving(0x1122334455667788, "it stops")),
        ("beat-1", new PeerBeat("a", 0x1122334455667788, 3)),
        ("sync-batch-1", new SyncBatchMessage(EmptyBatch())),
        ("sync-ack-1", new SyncAckMessage("b", new SyncAck(SyncAckFlags.InSync, 7, 1_000_000, 42))),
    ];

    private static byte[] EmptyBatch()
    {
        byte[] batch = new byte[SyncBatch.HeaderSize];
        new SyncBatch(SyncBatchFlags.Begin, 7, 1, 1_000_000, 1, 0).Seal(batch);
        return batch;
    }

    public static TheoryData<string> Names => [.. All.Select(sample => sample.Name)];

    public static IWireMessage Of(string name) => All.Single(sample => sample.Name == name).Message;
}
