using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Connections;

public sealed class ServerSlotsTests
{
    [Fact]
    public void The_same_server_of_the_same_service_has_the_same_slot()
    {
        using TestTable test = new();
        ServerSlots slots = test.Table.Servers;
        ServiceKey service = ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.100"), 80);
        RealServer server = new() { Address = IPAddress.Parse("10.2.0.11"), Port = 80 };
        uint slot = slots.Acquire(ServerIdentity.Of(service, server));

        Assert.Equal(test.Slot1, slot);
        Assert.Equal(slot, slots.Acquire(ServerIdentity.Of(service, server with { Weight = 9 })));
        Assert.Equal((IpAddress.FromIpv4(0x0A02000B), (ushort)80), (slots[slot].Address, slots[slot].Port));
    }

    [Fact]
    public void Whatever_differs_makes_another_slot()
    {
        using TestTable test = new();
        RealServer server = new() { Address = IPAddress.Parse("10.2.0.11"), Port = 80 };
        RealServer sixth = new() { Address = IPAddress.Parse("fd00::11"), Port = 80 };
        IPAddress vip = IPAddress.Parse("10.1.0.100");
        ServerIdentity[] identities =
        [
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 80), server),
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Udp, vip, 80), server),
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 81), server),
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Tcp, IPAddress.Parse("10.1.0.101"), 80), server),
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 80), server with { Port = 81 }),
            ServerIdentity.Of(ServiceKey.ForAddress(TransportProtocol.Tcp, vip, 80), server with { Address = IPAddress.Parse("10.2.0.12") }),
            ServerIdentity.Of(ServiceKey.ForMark(1), server),
            ServerIdentity.Of(ServiceKey.ForMark(2), server),
            ServerIdentity.Of(ServiceKey.ForMark(2, System.Net.Sockets.AddressFamily.InterNetworkV6), server),
            ServerIdentity.Of(ServiceKey.ForMark(2), sixth),
            ServerIdentity.Of(ServiceKey.ForMark(2), sixth with { Address = IPAddress.Parse("fd00::12") }),
        ];
        uint[] slots = [.. identities.Select(identity => test.Table.Servers.Acquire(identity))];
        Assert.Equal(identities.Length, slots.Distinct().Count());
        for (int i = 0; i < slots.Length; i++)
            Assert.Equal(identities[i], test.Table.Servers[slots[i]].Identity);
    }

    [Fact]
    public void A_released_slot_is_free_only_when_its_last_connection_has_ended()
    {
        using TestTable test = new();
        ServerSlots slots = test.Table.Servers;
        uint number = test.Create(1);
        slots.Release(test.Slot1);
        Assert.True(slots[test.Slot1].IsInUse);
        Assert.False(slots[test.Slot1].IsConfigured);

        // Added back while its connection lives: the same slot.
        Assert.Equal(test.Slot1, slots.Acquire(TestTable.Identity(TestTable.Rs1)));
        slots.Release(test.Slot1);
        test.Table.Remove(number);
        Assert.False(slots[test.Slot1].IsInUse);
        Assert.NotEqual(test.Slot1, slots.Acquire(TestTable.Identity(TestTable.Rs1)));
    }

    [Fact]
    public void Without_a_free_slot_the_answer_is_none()
    {
        using TestTable test = new(64);
        ServerSlots slots = test.Table.Servers;
        Assert.Equal(16384u, slots.Capacity);
        uint[] taken = [.. Enumerable.Range(0, (int)slots.Capacity - 3).Select(i => slots.Acquire(TestTable.Identity(1, (ushort)i)))];
        Assert.DoesNotContain(0u, taken);
        Assert.Equal(0u, slots.Acquire(TestTable.Identity(2)));
        slots.Release(taken[5]);
        Assert.Equal(taken[5], slots.Acquire(TestTable.Identity(2)));
    }

    [Fact]
    public void After_a_restart_a_slot_without_connections_is_free()
    {
        using TestTable test = new(64);
        uint idle = test.Table.Servers.Acquire(TestTable.Identity(3));
        test.Restart();
        Assert.False(test.Table.Servers[idle].IsInUse);
    }
}
