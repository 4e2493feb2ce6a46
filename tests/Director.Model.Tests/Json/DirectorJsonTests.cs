using System.Net;
using System.Text.Json;

namespace Director.Model.Tests.Json;

public sealed class DirectorJsonTests
{
    private static readonly ServiceKey Key = ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.100"), 80);

    private static readonly RealServer Server = new()
    {
        Address = IPAddress.Parse("10.2.0.11"),
        Port = 8080,
        Forwarding = ForwardingMethod.Masquerade,
        Weight = 3,
        UpperThreshold = 100,
        LowerThreshold = 40,
    };

    private static readonly RealServer Tunnelled = new()
    {
        Address = IPAddress.Parse("fd00::11"),
        Port = 80,
        Forwarding = ForwardingMethod.Tunnel,
        TunnelType = TunnelType.Gue,
        TunnelPort = 6080,
        TunnelFlags = TunnelFlags.Checksum | TunnelFlags.RemoteChecksum,
    };

    private static readonly RealServer Told = Server with { Forwarding = ForwardingMethod.FullNat, ClientAddress = ClientAddress.Toa };

    private static readonly VirtualService Service = new()
    {
        Key = Key,
        Scheduler = "sh",
        Flags = ServiceFlags.Persistent | ServiceFlags.Scheduler2,
        PersistenceTimeout = 600,
        PersistenceNetmask = IPAddress.Parse("255.255.255.0"),
        PersistenceEngine = "sip",
        Servers = [Server, Tunnelled],
    };

    public static TheoryData<DirectorCommand> Commands =>
    [
        new AddService(Service with { Servers = [] }),
        new EditService(new VirtualService { Key = ServiceKey.ForMark(7) }),
        new DeleteService(Key),
        new Clear(),
        new AddServer(Key, Server),
        new EditServer(Key, Tunnelled),
        new EditServer(Key, Told),
        new DeleteServer(Key, IPAddress.Parse("10.2.0.11"), 80),
        new Zero(),
        new Zero(Key),
        new SetTimeouts(new Timeouts(0, 20, 0)),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_survives(DirectorCommand command)
    {
        string json = JsonSerializer.Serialize(new CommandBatch([command]), DirectorJson.Default.CommandBatch);
        CommandBatch read = JsonSerializer.Deserialize(json, DirectorJson.Default.CommandBatch)!;
        Assert.Equal(Comparable(command), Comparable(Assert.Single(read.Commands)));
        Assert.Equal(json, JsonSerializer.Serialize(read, DirectorJson.Default.CommandBatch));
    }

    /// <summary>Records compare immutable arrays by reference; these commands bring no servers.</summary>
    private static DirectorCommand Comparable(DirectorCommand command) => command switch
    {
        AddService add => new AddService(add.Service with { Servers = [] }),
        EditService edit => new EditService(edit.Service with { Servers = [] }),
        _ => command,
    };

    [Fact]
    public void A_service_survives_with_its_servers_in_order()
    {
        string json = JsonSerializer.Serialize(Service, DirectorJson.Default.VirtualService);
        VirtualService read = JsonSerializer.Deserialize(json, DirectorJson.Default.VirtualService)!;
        Assert.Equal(Service.Servers.AsEnumerable(), read.Servers.AsEnumerable());
        Assert.Equal(Service with { Servers = [] }, read with { Servers = [] });
    }

    [Fact]
    public void A_service_reads_as_an_operator_would_write_it()
    {
        VirtualService read = JsonSerializer.Deserialize(
            """{ "key": "tcp 10.1.0.100:80", "servers": [ { "address": "10.2.0.11", "port": 80, "forwarding": "Masquerade" } ] }""",
            DirectorJson.Default.VirtualService)!;
        Assert.Equal(Key, read.Key);
        Assert.Equal(("wlc", ServiceFlags.None, (byte)128), (read.Scheduler, read.Flags, read.PrefixLength));
        Assert.Equal(new RealServer { Address = IPAddress.Parse("10.2.0.11"), Port = 80, Forwarding = ForwardingMethod.Masquerade }, Assert.Single(read.Servers));
    }

    [Fact]
    public void Servers_that_are_not_there_are_none()
    {
        VirtualService read = JsonSerializer.Deserialize("""{ "key": "fwmark 7" }""", DirectorJson.Default.VirtualService)!;
        Assert.False(read.Servers.IsDefault);
        Assert.Empty(read.Servers);
    }

    [Theory]
    [InlineData("""{ "key": "tcp 10.1.0.100" }""")]
    [InlineData("""{ "key": 5 }""")]
    [InlineData("""{ "key": null }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": null }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": [ { "address": null, "port": 80 } ] }""")]
    [InlineData("""{ "scheduler": "rr" }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": [ { "port": 80 } ] }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": [ { "address": "10.2.0.11" } ] }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": [ { "address": "x", "port": 80 } ] }""")]
    [InlineData("""{ "key": "fwmark 7", "servers": [ { "address": "10.2.0.11", "port": 65536 } ] }""")]
    [InlineData("""{ "key": "fwmark 7", "flags": "Sticky" }""")]
    public void What_makes_no_sense_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(json, DirectorJson.Default.VirtualService));

    [Theory]
    [InlineData("""{ "commands": [ { "command": "reboot" } ] }""")]
    [InlineData("""{ "commands": [ { "service": "fwmark 7" } ] }""")]
    [InlineData("""{ "commands": null }""")]
    public void A_batch_of_something_else_is_refused(string json)
    {
        Exception? error = Record.Exception(() => JsonSerializer.Deserialize(json, DirectorJson.Default.CommandBatch));
        // NotSupportedException: a command without its discriminator.
        Assert.True(error is JsonException or NotSupportedException, error?.ToString());
    }

    [Fact]
    public void A_connection_without_persistence_engine_has_no_word_of_it()
    {
        ConnectionEntry entry = new(TransportProtocol.None, 60, "ASSURED", IPAddress.Parse("10.1.0.2"), 0, IPAddress.Parse("0.0.0.1"), 0, IPAddress.Parse("10.2.0.11"), 0);
        string json = JsonSerializer.Serialize(entry, DirectorJson.Default.ConnectionEntry);
        Assert.DoesNotContain("persistence", json);
        Assert.Equal(entry, JsonSerializer.Deserialize(json, DirectorJson.Default.ConnectionEntry));
    }
}
