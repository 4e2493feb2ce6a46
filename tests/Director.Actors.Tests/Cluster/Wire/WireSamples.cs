using Akka.Cluster;
using Director.Actors.Cluster;
using Director.Actors.Cluster.Wire;
using Director.Actors.ConnectionSync;
using Director.Actors.Election;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Synchronization;
using Director.Model;

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
            Hears = [7],
        }),
        ("contact-1-alone", new ContactHello { Name = "b", Address = "akka.tcp://director@[fd00:3::2]:4053", Incarnation = 1, Uptime = 0, Protocols = new ProtocolRange(1, 1), Version = "" }),
        ("leaving-1", new PeerLeaving(0x1122334455667788, "it stops")),
        ("beat-1", new PeerBeat("a", 0x1122334455667788, 3)),
        ("sync-batch-1", new SyncBatchMessage(EmptyBatch())),
        ("sync-ack-1", new SyncAckMessage("b", new SyncAck(SyncAckFlags.InSync, 7, 1_000_000, 42))),
        ("replica-hello-1", new ReplicaHello
        {
            IsFirst = true,
            WantsAnswer = true,
            Cluster = new ClusterIdentified("0f5c", true),
            Content = "c0ffee",
            Declares = "decaf",
            Digest = [.. Enumerable.Range(0, ObjectDigest.Length).Select(i => i < 3 ? 0x1122334455667788UL * (ulong)i : 0)],
        }),
        ("replica-hello-1-new", new ReplicaHello { Digest = [.. new ulong[ObjectDigest.Length]] }),
        ("replica-objects-1", new ReplicaObjects(7,
        [
            EncodedState.Of(new ServicePut(Services.Samples.Service("fwmark 7")) { Stamp = new Stamp(new ObjectVersion(1, 2, "a"), 1790000000) }),
            EncodedState.Of(new TimeoutsSet(new Timeouts(10, 20, 30)) { Stamp = new Stamp(new ObjectVersion(1, 3, "a"), 1790000000) }),
        ])),
        ("replica-stored-1", new ReplicaStored(7)),
        ("forwarded-commands-1", new ForwardedCommands(7, 0, true, [1, 2, 3])),
        ("forwarded-answer-1", new ForwardedAnswer(7, 1, true, true, [4, 5])),
        ("election-1", new ElectionWord(new byte[] { 1, 2, 3 })),
        ("engine-gone-1", new EngineGone("a")),
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
