using System.Collections.Immutable;
using System.Net;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Director.Actors.Journal;
using Director.Actors.Marks;
using Director.Actors.Replication;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Actors.Tuning;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Journal;

/// <summary>
/// Bytes that journals out there hold. They must decode to the same for ever: never edit one, add a new version beside it.
/// </summary>
public sealed class JournalSerializerTests : IDisposable
{
    private readonly ActorSystem _system = ActorSystem.Create("serializer", "akka { stdout-loglevel = OFF, loglevel = OFF }");
    private readonly JournalSerializer _serializer;

    public JournalSerializerTests() => _serializer = new JournalSerializer((ExtendedActorSystem)_system);

    public static TheoryData<string, string, object> Frozen => new()
    {
        {
            "service-added/1",
            """{"service":{"key":"tcp 10.1.0.100:80","scheduler":"wrr","flags":"Persistent","persistenceTimeout":360,"persistenceNetmask":"255.255.255.0","prefixLength":128,"persistenceEngine":"sip","servers":[{"address":"10.2.0.11","port":8080,"forwarding":"Masquerade","weight":3,"upperThreshold":100,"lowerThreshold":50,"tunnelType":"IpIp","tunnelPort":0,"tunnelFlags":"None"}]}}""",
            new ServiceAdded(Everything() with { Servers = [Server("10.2.0.11:8080", weight: 3) with { UpperThreshold = 100, LowerThreshold = 50 }] })
        },
        {
            "service-edited/1",
            """{"service":{"key":"fwmark6 7","scheduler":"mh","flags":"Scheduler1, Scheduler2","persistenceTimeout":0,"prefixLength":64,"servers":[]}}""",
            new ServiceEdited(Service("fwmark6 7", "mh") with { Flags = ServiceFlags.Scheduler1 | ServiceFlags.Scheduler2, PrefixLength = 64 })
        },
        { "service-deleted/1", """{"service":"udp [fd00::1]:53"}""", new ServiceDeleted(Key("udp [fd00::1]:53")) },
        {
            "server-added/1",
            """{"service":"sctp 10.1.0.100:9","server":{"address":"fd00:2::11","port":9,"forwarding":"Tunnel","weight":0,"upperThreshold":0,"lowerThreshold":0,"tunnelType":"Gue","tunnelPort":6080,"tunnelFlags":"Checksum, RemoteChecksum"}}""",
            new ServerAdded(Key("sctp 10.1.0.100:9"), Server("[fd00:2::11]:9", ForwardingMethod.Tunnel, 0) with
            {
                TunnelType = TunnelType.Gue,
                TunnelPort = 6080,
                TunnelFlags = TunnelFlags.Checksum | TunnelFlags.RemoteChecksum,
            })
        },
        {
            "server-edited/1",
            """{"service":"fwmark 7","server":{"address":"10.2.0.12","port":0,"forwarding":"DirectRoute","weight":2147483647,"upperThreshold":0,"lowerThreshold":0,"tunnelType":"IpIp","tunnelPort":0,"tunnelFlags":"None"}}""",
            new ServerEdited(Key("fwmark 7"), Server("10.2.0.12:0", ForwardingMethod.DirectRoute, int.MaxValue))
        },
        { "server-deleted/1", """{"service":"tcp 10.1.0.100:80","address":"10.2.0.11","port":8080}""", new ServerDeleted(Key("tcp 10.1.0.100:80"), IPAddress.Parse("10.2.0.11"), 8080) },
        { "timeouts-set/1", """{"timeouts":{"tcp":10,"tcpFin":20,"udp":30}}""", new TimeoutsSet(new Timeouts(10, 20, 30)) },
        { "declaration-applied/1", """{"digest":"6f1e","services":["tcp 10.1.0.100:80"]}""", new DeclarationApplied("6f1e", [Key("tcp 10.1.0.100:80")]) },
        {
            "mark-added/1",
            """{"rule":"-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"}""",
            new MarkAdded(Mark("-d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7"))
        },
        { "mark-deleted/1", """{"rule":"! -s fd00::/64 -i eth\u002B -j MARK --set-xmark 0x1ff/0xf"}""", new MarkDeleted(Mark("! -s fd00::/64 -i eth+ -j MARK --set-xmark 0x1ff/0xf")) },
        { "marks-cleared/1", "{}", new MarksCleared() },
        { "settings-set/1", """{"values":{"drop_entry":1,"expire_nodest_conn":1}}""", new SettingsSet(new() { ["drop_entry"] = 1, ["expire_nodest_conn"] = 1 }) },
        { "settings-declared/1", """{"values":{"lblc_expiration":3600}}""", new SettingsDeclared(new() { ["lblc_expiration"] = 3600 }) },
        {
            "sync-daemon-started/1",
            """{"daemon":{"role":"Backup","interface":"eth1","syncId":7,"maxLength":1472,"group":"224.0.0.81","port":8848,"ttl":1}}""",
            new SyncDaemonStarted(new SyncDaemon(SyncRole.Backup, "eth1", 7, 1472, IPAddress.Parse("224.0.0.81"), 8848, 1))
        },
        { "sync-daemon-stopped/1", """{"role":"Master"}""", new SyncDaemonStopped(SyncRole.Master) },
        {
            "table-snapshot/1",
            """{"services":[{"key":"tcp 10.1.0.100:80","scheduler":"wlc","flags":"None","persistenceTimeout":0,"prefixLength":128,"servers":[]}],"timeouts":{"tcp":900,"tcpFin":120,"udp":300},"declaration":{"digest":"6f1e","services":["tcp 10.1.0.100:80"]}}""",
            new TableSnapshot([Service()], new Timeouts(), new DeclarationApplied("6f1e", [Key("tcp 10.1.0.100:80")]))
        },
        { "service-added/2", """{"service":{"key":"fwmark 7","scheduler":"wlc","flags":"None","persistenceTimeout":0,"prefixLength":128,"servers":[]},"stamp":{"version":"7.12.a","at":1790000000}}""", new ServiceAdded(Service("fwmark 7")) { Stamp = Stamped(7, 12, "a") } },
        { "service-edited/2", """{"service":{"key":"fwmark 7","scheduler":"rr","flags":"None","persistenceTimeout":0,"prefixLength":128,"servers":[]},"stamp":{"version":"7.13.a","at":1790000000,"saw":{"":0,"b":9}}}""", new ServiceEdited(Service("fwmark 7", "rr")) { Stamp = Stamped(7, 13, "a", ("", 0), ("b", 9)) } },
        { "service-deleted/2", """{"service":"fwmark 7","stamp":{"version":"8.14.dir.b","at":1790000000,"saw":{"a":13}}}""", new ServiceDeleted(Key("fwmark 7")) { Stamp = Stamped(8, 14, "dir.b", ("a", 13)) } },
        { "server-added/2", """{"service":"fwmark 7","server":{"address":"10.2.0.12","port":0,"forwarding":"DirectRoute","weight":1,"upperThreshold":0,"lowerThreshold":0,"tunnelType":"IpIp","tunnelPort":0,"tunnelFlags":"None"},"stamp":{"version":"1.2.a","at":1790000000}}""", new ServerAdded(Key("fwmark 7"), Server("10.2.0.12:0", ForwardingMethod.DirectRoute)) { Stamp = Stamped(1, 2, "a") } },
        { "server-edited/2", """{"service":"fwmark 7","server":{"address":"10.2.0.12","port":0,"forwarding":"DirectRoute","weight":2,"upperThreshold":0,"lowerThreshold":0,"tunnelType":"IpIp","tunnelPort":0,"tunnelFlags":"None"},"stamp":{"version":"1.3.a","at":1790000000}}""", new ServerEdited(Key("fwmark 7"), Server("10.2.0.12:0", ForwardingMethod.DirectRoute, 2)) { Stamp = Stamped(1, 3, "a") } },
        { "server-deleted/2", """{"service":"fwmark 7","address":"10.2.0.12","port":0,"stamp":{"version":"1.4.a","at":1790000000}}""", new ServerDeleted(Key("fwmark 7"), IPAddress.Parse("10.2.0.12"), 0) { Stamp = Stamped(1, 4, "a") } },
        { "timeouts-set/2", """{"timeouts":{"tcp":10,"tcpFin":20,"udp":30},"stamp":{"version":"1.5.a","at":1790000000}}""", new TimeoutsSet(new Timeouts(10, 20, 30)) { Stamp = Stamped(1, 5, "a") } },
        { "declaration-applied/2", """{"digest":"6f1e","services":["fwmark 7"],"stamp":{"version":"1.6.a","at":1790000000}}""", new DeclarationApplied("6f1e", [Key("fwmark 7")]) { Stamp = Stamped(1, 6, "a") } },
        { "mark-added/2", """{"rule":"-d 10.1.0.100 -j MARK --set-mark 7","stamp":{"version":"1.7.a","at":1790000000}}""", new MarkAdded(Mark("-d 10.1.0.100 -j MARK --set-mark 7")) { Stamp = Stamped(1, 7, "a") } },
        { "mark-deleted/2", """{"rule":"-d 10.1.0.100 -j MARK --set-mark 7","stamp":{"version":"1.8.a","at":1790000000}}""", new MarkDeleted(Mark("-d 10.1.0.100 -j MARK --set-mark 7")) { Stamp = Stamped(1, 8, "a") } },
        { "marks-cleared/2", """{"stamp":{"version":"1.9.a","at":1790000000}}""", new MarksCleared { Stamp = Stamped(1, 9, "a") } },
        { "settings-set/2", """{"values":{"drop_entry":1},"stamp":{"version":"1.10.a","at":1790000000}}""", new SettingsSet(new() { ["drop_entry"] = 1 }) { Stamp = Stamped(1, 10, "a") } },
        { "settings-declared/2", """{"values":{"drop_entry":1},"stamp":{"version":"1.11.a","at":1790000000}}""", new SettingsDeclared(new() { ["drop_entry"] = 1 }) { Stamp = Stamped(1, 11, "a") } },
        {
            "sync-daemon-started/2",
            """{"daemon":{"role":"Master","interface":"eth1","syncId":7,"maxLength":1472,"group":"224.0.0.81","port":8848,"ttl":1},"stamp":{"version":"1.12.a","at":1790000000}}""",
            new SyncDaemonStarted(new SyncDaemon(SyncRole.Master, "eth1", 7, 1472, IPAddress.Parse("224.0.0.81"), 8848, 1)) { Stamp = Stamped(1, 12, "a") }
        },
        { "sync-daemon-stopped/2", """{"role":"Master","stamp":{"version":"1.13.a","at":1790000000}}""", new SyncDaemonStopped(SyncRole.Master) { Stamp = Stamped(1, 13, "a") } },
        {
            "table-snapshot/2",
            """{"services":[{"key":"fwmark 7","scheduler":"wlc","flags":"None","persistenceTimeout":0,"prefixLength":128,"servers":[]}],"timeouts":{"tcp":900,"tcpFin":120,"udp":300},"replica":{"stamps":{"service fwmark 7":{"version":"1.2.a","at":1790000000},"service fwmark 8":{"version":"1.3.b","at":1790000000,"saw":{"a":1}},"timeouts":{"version":"1.1.a","at":1790000000}},"epoch":2,"sequence":9,"overridden":[{"object":"service fwmark 8","version":"1.2.a","by":"1.3.b","was":"-A -f 8 -s rr","stands":"-D -f 8","at":1790000000}],"cluster":{"cluster":"c1","isSettled":true},"declarationSeen":"6f1e"}}""",
            new TableSnapshot([Service("fwmark 7")], new Timeouts(), Replica: new ReplicaSnapshot(
                new()
                {
                    ["service fwmark 7"] = Stamped(1, 2, "a"),
                    ["service fwmark 8"] = Stamped(1, 3, "b", ("a", 1)),
                    ["timeouts"] = Stamped(1, 1, "a"),
                },
                2, 9, [new EditOverridden("service fwmark 8", new(1, 2, "a"), new(1, 3, "b"), "-A -f 8 -s rr", "-D -f 8", 1790000000)], new ClusterIdentified("c1", true), "6f1e"))
        },
        { "service-put/1", """{"service":{"key":"fwmark 7","scheduler":"wlc","flags":"None","persistenceTimeout":0,"prefixLength":128,"servers":[]},"stamp":{"version":"1.2.a","at":1790000000}}""", new ServicePut(Service("fwmark 7")) { Stamp = Stamped(1, 2, "a") } },
        { "marks-put/1", """{"rules":["-d 10.1.0.100 -j MARK --set-mark 7"],"stamp":{"version":"1.2.a","at":1790000000}}""", new MarksPut([Mark("-d 10.1.0.100 -j MARK --set-mark 7")]) { Stamp = Stamped(1, 2, "a") } },
        { "settings-put/1", """{"settings":{"inForce":{"drop_entry":1},"declared":{}},"stamp":{"version":"1.2.a","at":1790000000}}""", new SettingsPut(new SettingsSnapshot(new() { ["drop_entry"] = 1 }, [])) { Stamp = Stamped(1, 2, "a") } },
        {
            "sync-daemons-put/1",
            """{"daemons":[{"role":"Master","interface":"eth1","syncId":7,"maxLength":1472,"group":"224.0.0.81","port":8848,"ttl":1}],"stamp":{"version":"1.2.a","at":1790000000}}""",
            new SyncDaemonsPut([new SyncDaemon(SyncRole.Master, "eth1", 7, 1472, IPAddress.Parse("224.0.0.81"), 8848, 1)]) { Stamp = Stamped(1, 2, "a") }
        },
        {
            "edit-overridden/1",
            """{"object":"timeouts","version":"1.2.a","by":"1.3.b","was":"--set 10 20 30","stands":"--set 20 20 30","at":1790000000}""",
            new EditOverridden("timeouts", new(1, 2, "a"), new(1, 3, "b"), "--set 10 20 30", "--set 20 20 30", 1790000000)
        },
        { "cluster-identified/1", """{"cluster":"0f5c","isSettled":false}""", new ClusterIdentified("0f5c", false) },
        { "declaration-seen/1", """{"fingerprint":"6f1e"}""", new DeclarationSeen("6f1e") },
    };

    public void Dispose()
    {
        _system.Terminate();
        _system.Dispose();
    }

    [Theory]
    [MemberData(nameof(Frozen))]
    public void Old_bytes_mean_what_they_meant(string manifest, string bytes, object meaning)
    {
        object read = _serializer.FromBinary(Encoding.UTF8.GetBytes(bytes), manifest);

        Assert.IsType(meaning.GetType(), read);
        // Written again they are the same bytes, so nothing was lost on the way in.
        Assert.Equal(bytes, Encoding.UTF8.GetString(_serializer.ToBinary(read)));
        Assert.Equal(bytes, Encoding.UTF8.GetString(_serializer.ToBinary(meaning)));
        Assert.Equal(manifest, _serializer.Manifest(meaning));
    }

    [Fact]
    public void A_snapshot_has_marks_settings_and_daemons_if_there_are_any()
    {
        const string bytes =
            """{"services":[],"timeouts":{"tcp":900,"tcpFin":120,"udp":300},"marks":["-j MARK --set-mark 7"],"settings":{"inForce":{"drop_entry":1,"pmtu_disc":0},"declared":{"pmtu_disc":0}},"daemons":[{"role":"Master","interface":"eth1","syncId":7,"maxLength":1472,"group":"224.0.0.81","port":8848,"ttl":1}]}""";
        TableSnapshot read = (TableSnapshot)_serializer.FromBinary(Encoding.UTF8.GetBytes(bytes), "table-snapshot/1");
        ServiceTable table = read.Restore();
        Assert.Equal([Mark("-j MARK --set-mark 7")], table.Marks.Added);
        Assert.Equal(new SettingsState(new Model.Settings { DropEntry = 1, PmtuDisc = false }, new Model.Settings { PmtuDisc = false }), table.Settings);
        Assert.Equal(new SyncDaemonState(Master: new SyncDaemon(SyncRole.Master, "eth1", 7, 1472, IPAddress.Parse("224.0.0.81"), 8848, 1)), table.Daemons);
        Assert.Equal(bytes, Encoding.UTF8.GetString(_serializer.ToBinary(TableSnapshot.Of(table))));
    }

    [Fact]
    public void Every_manifest_has_its_frozen_bytes() =>
        Assert.Equal(JournalSerializer.KnownManifests.Order(), Frozen.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Every_event_has_a_manifest()
    {
        Type[] events = [.. typeof(DirectorEvent).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(DirectorEvent)))];
        Assert.Equal(events.Append(typeof(TableSnapshot)).Select(type => type.Name).Order(), Frozen.Select(row => row.Data.Item3.GetType().Name).Distinct().Order());
    }

    [Fact]
    public void An_unknown_manifest_is_named() =>
        Assert.Contains("'service-added/3'", Assert.Throws<SerializationException>(() => _serializer.FromBinary("{}"u8.ToArray(), "service-added/3")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_field_that_this_version_does_not_know_is_not_dropped_in_silence() =>
        Assert.ThrowsAny<System.Text.Json.JsonException>(() => _serializer.FromBinary("""{"service":"fwmark 7","reason":"new"}"""u8.ToArray(), "service-deleted/1"));

    private static Stamp Stamped(ulong epoch, ulong sequence, string director, params (string Director, ulong Sequence)[] saw) => new(
        new ObjectVersion(epoch, sequence, director), 1790000000,
        saw.Length == 0 ? null : saw.ToImmutableSortedDictionary(each => each.Director, each => each.Sequence, StringComparer.Ordinal));

    private static VirtualService Everything() => Service(scheduler: "wrr") with
    {
        Flags = ServiceFlags.Persistent,
        PersistenceTimeout = 360,
        PersistenceNetmask = IPAddress.Parse("255.255.255.0"),
        PersistenceEngine = "sip",
    };
}
