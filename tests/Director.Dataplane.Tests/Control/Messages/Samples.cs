using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Synchronization;
using Director.Model;

namespace Director.Dataplane.Tests.Control.Messages;

/// <summary>One frame of each message, with what it means. <see cref="Read"/> gives the meaning back as text.</summary>
internal sealed record Sample(ushort Since, string Name, MessageType Type, Action<FrameWriter> Write, FrameReader.Element<string> Read, string Meaning)
{
    /// <summary>That it is written and read in; 0: the newest, which says the same.</summary>
    public ushort Version { get; init; }

    public override string ToString() => Name;
}

/// <summary>The messages whose bytes are frozen in samples/protocol-N, N being the version that brought them. Append; what is there stays.</summary>
internal static class Samples
{
    public const ulong Correlation = 0x1122334455667788;

    private static readonly VirtualService Web = new()
    {
        Key = ServiceKey.ForAddress(TransportProtocol.Tcp, Frames.Ip("10.1.0.100"), 80),
        Scheduler = "wrr",
        Flags = ServiceFlags.Persistent,
        PersistenceTimeout = 360,
        PersistenceNetmask = Frames.Ip("255.255.255.0"),
        Servers =
        [
            new() { Address = Frames.Ip("10.2.0.11"), Port = 8080, Forwarding = ForwardingMethod.Masquerade, Weight = 3, UpperThreshold = 100, LowerThreshold = 50 },
            new()
            {
                Address = Frames.Ip("10.2.0.12"), Port = 80, Forwarding = ForwardingMethod.Tunnel, Weight = 0,
                TunnelType = TunnelType.Gue, TunnelPort = 6080, TunnelFlags = TunnelFlags.Checksum,
            },
        ],
    };

    private static readonly VirtualService Mark = new()
    {
        Key = ServiceKey.ForMark(7, System.Net.Sockets.AddressFamily.InterNetworkV6),
        PrefixLength = 64,
        PersistenceEngine = "sip",
        Servers = [new() { Address = Frames.Ip("fe80::11%2"), Port = 0 }],
    };

    private static readonly VirtualService FullNat = new()
    {
        Key = ServiceKey.ForAddress(TransportProtocol.Tcp, Frames.Ip("10.1.0.100"), 443),
        Servers =
        [
            new() { Address = Frames.Ip("10.2.0.11"), Port = 443, Forwarding = ForwardingMethod.FullNat, ClientAddress = ClientAddress.ProxyProtocol },
            new() { Address = Frames.Ip("10.2.0.12"), Port = 443, Forwarding = ForwardingMethod.FullNat, ClientAddress = ClientAddress.Toa },
        ],
    };

    private static readonly Statistics Numbers = new(1, 2, 3, 4, 5, 6, 7, 8, 9, ulong.MaxValue);

    public static IReadOnlyList<Sample> All { get; } =
    [
        Of("configure", MessageType.Configure, ConfigurationFormat.Write, ConfigurationFormat.Read, new EngineConfiguration
        {
            Interfaces = ["eth0", "eth1"],
            FloatingAddresses = [new(Frames.Ip("10.2.0.254"), 24, "eth1")],
            LocalAddresses = [Frames.Ip("10.2.0.200"), Frames.Ip("fd00::200")],
            Group = 3,
            VirtualMac = false,
            ConnectionLimit = 4_000_000,
        }) with { Version = 1 },
        Of("apply", MessageType.Apply, TableFormat.Write, TableFormat.Read, new TableUpdate(
            41, 42, false, [Web, Mark], [ServiceKey.ForAddress(TransportProtocol.Udp, Frames.Ip("fd00::1"), 53), ServiceKey.ForMark(9)])),
        Of("apply-full-empty", MessageType.Apply, TableFormat.Write, TableFormat.Read, new TableUpdate(0, 1, true, [], [])),
        Of("probe", MessageType.Probe, ConfigurationFormat.WriteAddresses, ConfigurationFormat.ReadAddresses, [Frames.Ip("10.1.0.100"), Frames.Ip("fd00::100")]),
        Of("probe-answer", MessageType.Probe | MessageType.Answer, ConfigurationFormat.WriteConflicts, ConfigurationFormat.ReadConflicts,
            [new AddressConflict(Frames.Ip("10.1.0.100"), "eth0", "02:00:00:00:00:01"), new AddressConflict(Frames.Ip("fd00::100"), "eth1", null)]),
        Of("set-timeouts", MessageType.SetTimeouts, StatisticsFormat.WriteTimeouts, StatisticsFormat.ReadTimeouts, new Timeouts(900, 120, 300)),
        Of("statistics-answer", MessageType.Statistics | MessageType.Answer, StatisticsFormat.Write, StatisticsFormat.Read, new TableStatistics(
            [new(Web.Key, Numbers, [new(Frames.Ip("10.2.0.11"), 8080, 10, 11, 12, Numbers)]), new(Mark.Key, new Statistics(), [])])),
        Of("connections-answer", MessageType.Connections | MessageType.Answer,
            static (writer, chunk) => ConnectionsFormat.Write(writer, chunk.Next, chunk.Entries),
            static (ref FrameReader reader) => Chunk.Of(ConnectionsFormat.Read(ref reader)),
            new Chunk(1024,
            [
                new(TransportProtocol.Tcp, 899, "ESTABLISHED", Frames.Ip("10.1.0.2"), 40000, Frames.Ip("10.1.0.100"), 80, Frames.Ip("10.2.0.11"), 8080),
                new(TransportProtocol.None, 60, "NONE", Frames.Ip("10.1.0.0"), 0, Frames.Ip("0.0.0.7"), 0, Frames.Ip("10.2.0.12"), 0, "sip", "id@host"),
            ])),
        Of("status-answer", MessageType.Status | MessageType.Answer, StatusFormat.Write, StatusFormat.Read, new EngineStatus(
            true, 4711, "0.1.0", ProtocolRange.Supported.Maximum, 42, 3600, 200, 1_000_000,
            [new("eth0", true, "00:00:5e:00:01:01", 1500, "off", 10, 20, 30)],
            new() { ["no-route"] = 5, ["not-owner"] = 6 }, new() { ["arp-answered"] = 7 }, ["10.1.0.100"], ["eth1 has no carrier"])),
        Of("attached", MessageType.Attached,
            static (writer, welcome) => NoticeFormat.WriteAttached(writer, welcome.Version, welcome.Revision, welcome.Descriptors),
            static (ref FrameReader reader) => Welcome.Of(NoticeFormat.ReadAttached(ref reader)),
            new Welcome(1, 42, 2)),
        Of("memory", MessageType.Memory, static (writer, count) => NoticeFormat.WriteMemory(writer, count), static (ref FrameReader reader) => NoticeFormat.ReadMemory(ref reader), (ushort)2),
        Of("adopt", MessageType.Adopt, static (writer, count) => NoticeFormat.WriteMemory(writer, count), static (ref FrameReader reader) => NoticeFormat.ReadMemory(ref reader), (ushort)3),
        Of("apply-answer", MessageType.Apply | MessageType.Answer, static (writer, revision) => writer.UInt64(revision), static (ref FrameReader reader) => reader.UInt64(), 42ul),
        Of("own", MessageType.Own, static (writer, owner) => writer.Bool(owner), static (ref FrameReader reader) => reader.Bool(), true),
        Of("zero-one", MessageType.Zero, ServiceFormat.WriteOptionalKey, ServiceFormat.ReadOptionalKey, (ServiceKey?)Web.Key),
        Of("zero-all", MessageType.Zero, ServiceFormat.WriteOptionalKey, ServiceFormat.ReadOptionalKey, (ServiceKey?)null),
        Of("connections", MessageType.Connections, static (writer, cursor) => writer.UInt32(cursor), static (ref FrameReader reader) => reader.UInt32(), 1024u),
        Of("event", MessageType.Event, NoticeFormat.WriteEvent, NoticeFormat.ReadEvent, (EngineEvent)new EngineLogLine(EngineLogLevel.Warning, "eth1 has no carrier")),
        Of("error", MessageType.Error,
            static (writer, failure) => NoticeFormat.WriteError(writer, failure.Fault, failure.Text),
            static (ref FrameReader reader) => Refusal.Of(NoticeFormat.ReadError(ref reader)),
            new Refusal(EngineFault.Refused, "interface eth9 does not exist")),
        Of("set-marks", MessageType.SetMarks, MarksFormat.Write, MarksFormat.Read,
            [Values.Rule("-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"), Values.Rule("! -s fd00::/64 -i eth+ -m comment --comment \"a b\" -j MARK --or-mark 0x10")]),
        Of("set-settings", MessageType.SetSettings, SettingsFormat.Write, SettingsFormat.Read, new Settings { ExpireNodestConn = true, LblcExpiration = 3600 }),
        Of("hello", MessageType.Hello, static (writer, hello) => WriteHelloBody(writer, hello), Hello.Read,
            new Hello(PeerRole.Director, new ProtocolRange(1, 2), new EngineIdentity("a", "0.1.0", 4711, 4026531840))),
        Since2("set-election", MessageType.SetElection, ElectionFormat.Write, ElectionFormat.Read, new ElectionConfiguration
        {
            Id = 0x1122334455667788,
            Priority = 120,
            Preempt = true,
            AnnounceInterval = 40_000,
            MissedAnnouncements = 3,
            Address = Frames.Ip("10.1.0.100"),
            Key = [1, 2, 3],
            EpochFile = "/var/lib/director/epoch",
            Peers = 2,
            TrackAddresses = [Frames.Ip("10.1.0.254")],
            TrackAutomatically = false,
        }),
        Since2("hear", MessageType.Hear, static (writer, frame) => writer.Bytes(frame), static (ref FrameReader reader) => reader.Bytes(), new byte[] { 1, 2, 3 }),
        Since2("hint", MessageType.Hint,
            static (writer, hint) => ElectionFormat.WriteHint(writer, hint.Hint, hint.Director),
            static (ref FrameReader reader) => Hinted.Of(ElectionFormat.ReadHint(ref reader)),
            new Hinted(ElectionHint.Resign, 7)),
        Since2("event-frame", MessageType.Event, NoticeFormat.WriteEvent, static (ref FrameReader reader) => NoticeFormat.ReadEvent(ref reader) is ElectionFrameSent sent ? Convert.ToHexString(sent.Frame.Span) : "",
            (EngineEvent)new ElectionFrameSent(new byte[] { 1, 2, 3 }), "010203"),
        Since2("event-ownership", MessageType.Event, NoticeFormat.WriteEvent, NoticeFormat.ReadEvent, (EngineEvent)new OwnershipChanged(new ElectionStatus(
            ElectionPhase.Owner, 42, 1, 5000, "the owner was silent", 163, [new ElectionPeer(2, ElectionPhase.Standby, 41, 12, -1)], ["eth1 has no carrier"]))),
        Since2("sync-out", MessageType.SyncOut, static (writer, each) => SyncFormat.WriteBatch(writer, each.Peer, each.Batch), SyncFormat.ReadBatch,
            new SyncedBatch(0x1122334455667788, [1, 2, 3])),
        Since2("sync-in", MessageType.SyncIn, static (writer, each) => SyncFormat.WriteBatch(writer, each.Peer, each.Batch), SyncFormat.ReadBatch,
            new SyncedBatch(0x1122334455667788, [1, 2, 3])),
        Since2("sync-in-answer", MessageType.SyncIn | MessageType.Answer, SyncFormat.WriteAck, SyncFormat.ReadAck,
            new SyncAck(SyncAckFlags.Resync | SyncAckFlags.InSync, 7, 1_000_000, 41)),
        Since2("sync-ack", MessageType.SyncAck,
            static (writer, each) => SyncFormat.WritePeerAck(writer, each.Peer, each.Ack),
            static (ref FrameReader reader) => PeerAck.Of(SyncFormat.ReadPeerAck(ref reader)),
            new PeerAck(0x1122334455667788, new SyncAck(SyncAckFlags.InSync, 7, 1_000_000, 42))),
        Of("configure-fast-path", MessageType.Configure, ConfigurationFormat.Write, ConfigurationFormat.Read, new EngineConfiguration
        {
            Interfaces = ["eth0"],
            ConnectionLimit = 4_000_000,
            FastPath = FastPathChoice.Off,
        }) with { Since = 3 },
        Since2("sync-peer", MessageType.SyncPeer, SyncFormat.WritePeer, SyncFormat.ReadPeer, new SyncPeer(2, true, 1, 7, true, 50)),
        Of("apply-full-nat", MessageType.Apply, TableFormat.Write, TableFormat.Read, new TableUpdate(1, 2, false, [FullNat], [])),
    ];

    private static Sample Of<T>(string name, MessageType type, Action<FrameWriter, T> write, FrameReader.Element<T> read, T value) =>
        new(1, name, type, writer => write(writer, value), (ref FrameReader reader) => Frames.Show(read(ref reader)), Frames.Show(value));

    private static Sample Since2<T>(string name, MessageType type, Action<FrameWriter, T> write, FrameReader.Element<T> read, T value) =>
        Of(name, type, write, read, value) with { Since = 2 };

    private static Sample Since2<T>(string name, MessageType type, Action<FrameWriter, T> write, FrameReader.Element<string> read, T value, string meaning) =>
        new(2, name, type, writer => write(writer, value), read, meaning);

    // A hello brings its own header; the catalogue adds one to every body.
    private static void WriteHelloBody(FrameWriter writer, Hello hello)
    {
        using FrameWriter whole = new();
        hello.Write(whole);
        writer.Append(whole.Written[FrameHeader.Size..]);
    }

    private sealed record Hinted(ElectionHint Hint, ulong Director)
    {
        public static Hinted Of((ElectionHint Hint, ulong Director) read) => new(read.Hint, read.Director);
    }

    private sealed record Welcome(ushort Version, ulong Revision, int Descriptors)
    {
        public static Welcome Of((ushort Version, ulong Revision, ushort Descriptors) read) => new(read.Version, read.Revision, read.Descriptors);
    }

    private sealed record Chunk(uint Next, ConnectionEntry[] Entries)
    {
        public static Chunk Of((uint Next, ConnectionEntry[] Entries) read) => new(read.Next, read.Entries);
    }

    private sealed record PeerAck(ulong Peer, SyncAck Ack)
    {
        public static PeerAck Of((ulong Peer, SyncAck Ack) read) => new(read.Peer, read.Ack);
    }

    private sealed record Refusal(EngineFault Fault, string Text)
    {
        public static Refusal Of(EngineException failure) => new(failure.Fault, failure.Message);
    }
}
