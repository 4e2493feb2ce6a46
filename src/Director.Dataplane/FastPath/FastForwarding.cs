using Director.Dataplane.Connections;
using Director.Dataplane.Forwarding;
using Director.Dataplane.Routing;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.FastPath;

/// <summary>
/// The engine's side of the fast path: which connections' packets the program forwards by itself, and what it has counted. A
/// connection is handed over, one direction after the other, once nothing of its packets can change its state; any packet that could
/// comes to the engine and takes it back. docs/fast-path.md has the protocol. Packet thread only.
/// </summary>
public sealed class FastForwarding
{
    private const int MostWaiting = 4096;

    // Handing over in the midst of a long queue would let later packets overtake those that wait in it; but a queue that never ends
    // (a flood) must not keep established flows from it for ever.
    private const int MostBatches = 16;

    private readonly FastHops _hops;
    private readonly (uint Number, ushort Generation, PacketDirection Direction)[] _waiting = new (uint, ushort, PacketDirection)[MostWaiting];
    private readonly Server?[] _counting; // by slot
    private readonly FastServer[] _counted;
    private readonly FastTables _tables;
    private readonly ConnectionTable _connections;
    private readonly ServiceTable _services;
    private readonly NextHops _ways;
    private readonly IGracePeriods _periods;
    private int _count;
    private int _batches;
    private ulong _takenBack; // what had been handed over when all was taken back
    private (long, long) _freed;
    private long _period;

    public FastForwarding(FastTables tables, ConnectionTable connections, ServiceTable services, NextHops ways, IGracePeriods periods)
    {
        _tables = tables;
        _connections = connections;
        _services = services;
        _ways = ways;
        _periods = periods;
        _hops = new FastHops(tables.Hops);
        _counting = new Server?[tables.Servers.Length];
        _counted = new FastServer[tables.Servers.Length];
        connections.Program.Defer();
    }

    /// <summary>Directions of connections handed over since the start.</summary>
    public ulong HandedOver { get; private set; }

    /// <summary>A packet of this connection went its way: those that follow may be the program's, if nothing speaks against it.</summary>
    public void Offer(uint number, in ConnectionRecord record, PacketDirection direction)
    {
        if (_count != MostWaiting && IsSteady(record, direction) && !IsHandedOver(record, direction))
            _waiting[_count++] = (number, record.Generation, direction);
    }

    /// <summary>At the end of a batch, when what it forwarded is out.</summary>
    /// <param name="drained">Nothing waits to be received.</param>
    public void EndBatch(bool drained)
    {
        if (_count == 0 || (!drained && ++_batches < MostBatches))
            return;
        _batches = 0;
        for (int i = 0; i < _count; i++)
        {
            (uint number, ushort generation, PacketDirection direction) = _waiting[i];
            ref ConnectionRecord record = ref _connections[number];
            // (Several packets of one flow may have been in the batch.)
            if (record.Generation == generation && IsSteady(record, direction) && !IsHandedOver(record, direction))
                HandOver(number, ref record, direction);
        }
        _count = 0;
    }

    /// <summary>
    /// Every tenth of a second: what was freed by the last time, and no running program can have seen since, may be used again.
    /// </summary>
    public void Tick()
    {
        (long, long) freed = _connections.Program.Freed;
        if (_periods.Ended == _period)
        {
            _connections.Program.Settle(_freed);
            if (freed == _freed)
                return;
            _freed = freed;
            _period++;
        }
        _periods.Begin(_period);
    }

    /// <summary>Everything is the engine's again, until the next packet of each: the director is no owner any more, or ways changed.</summary>
    public void TakeBack()
    {
        _count = 0;
        if (_takenBack == HandedOver)
            return;
        _takenBack = HandedOver;
        _connections.Program.TakeBack();
    }

    /// <summary>A new picture of the network.</summary>
    public void Update(NetworkView network, bool sameWays)
    {
        if (sameWays)
        {
            _hops.Update(network);
            return;
        }
        TakeBack();
        ForgetHops(ofDeleted: false);
        _hops.Clear();
    }

    /// <summary>
    /// The services changed. Packets to servers that are gone are the engine's, which drops them (or ends the connection); those that
    /// are new in their slot begin to count.
    /// </summary>
    public void Review()
    {
        for (int i = 0; i < _services.Services.Count; i++)
        {
            foreach (Server server in _services.Services[i].Servers)
            {
                if (_counting[server.Slot] == server)
                    continue;
                _counting[server.Slot] = server;
                _counted[server.Slot] = _tables.Servers[server.Slot];
            }
        }
        ForgetHops(ofDeleted: true);
    }

    public void RefreshNeighbours() => _hops.Refresh(_ways);

    /// <summary>Adds what the program has counted to the counters of the services, so that they are exact at this moment.</summary>
    public void Collect(ref Counters total)
    {
        for (int i = 0; i < _services.Services.Count; i++)
        {
            foreach (Server server in _services.Services[i].Servers)
                Collect(server, ref total);
        }
    }

    // Of those that are gone, or of all.
    private void ForgetHops(bool ofDeleted)
    {
        for (uint slot = 1; slot < _counting.Length; slot++)
        {
            if (_counting[slot] is { } server && (server.IsDeleted || !ofDeleted))
                Volatile.Write(ref _tables.Servers[slot].Hop, 0);
        }
    }

    private void Collect(Server server, ref Counters total)
    {
        ref FastServer now = ref _tables.Servers[server.Slot];
        ref FastServer before = ref _counted[server.Slot];
        Counters counted = default;
        (counted.InPackets, before.InPackets) = Since(ref now.InPackets, before.InPackets);
        (counted.OutPackets, before.OutPackets) = Since(ref now.OutPackets, before.OutPackets);
        (counted.InBytes, before.InBytes) = Since(ref now.InBytes, before.InBytes);
        (counted.OutBytes, before.OutBytes) = Since(ref now.OutBytes, before.OutBytes);
        server.Counters.Add(counted);
        server.Service.Counters.Add(counted);
        total.Add(counted);
    }

    private static (ulong Difference, ulong Now) Since(ref ulong counter, ulong before)
    {
        ulong now = Volatile.Read(ref counter);
        return (now - before, now);
    }

    private bool IsHandedOver(in ConnectionRecord record, PacketDirection direction) => direction == PacketDirection.Input
        ? (record.Flags & ConnectionFlags.FastIn) != 0 && _tables.Servers[record.ServerSlot].Hop != 0
        : (record.Flags & ConnectionFlags.FastOut) != 0;

    // No ordinary packet of this direction changes the state, a template or what standbys know.
    private static bool IsSteady(in ConnectionRecord record, PacketDirection direction)
    {
        ConnectionFlags flags = record.Flags;
        if ((flags & (ConnectionFlags.InUse | ConnectionFlags.Template | ConnectionFlags.AddressOwed | ConnectionFlags.Ipv6)) != ConnectionFlags.InUse
            || record.OwnTimeout != 0)
        {
            return false;
        }
        return (direction == PacketDirection.Input || (flags & ConnectionFlags.Reply) != 0)
            && record.Forwarding is ForwardingMethod.Masquerade or ForwardingMethod.DirectRoute
            && record switch
            {
                { ProtocolByte: IpProtocol.Tcp } => record.State == ConnectionState.Established,
                { ProtocolByte: IpProtocol.Udp } => record.State == ConnectionState.Udp,
                _ => false,
            };
    }

    private void HandOver(uint number, ref ConnectionRecord record, PacketDirection direction)
    {
        if (direction == PacketDirection.Output)
        {
            uint toClient = _hops.NumberOf(_ways.To(_connections.At(number).Client));
            if (toClient == 0)
                return;
            record.GoFast(direction, toClient);
        }
        else
        {
            if (_services.ServerAt(record.ServerSlot) is not { IsDeleted: false } server || !server.Address.IsIpv4)
                return;
            uint toServer = _hops.NumberOf(_ways.To(server.Address));
            if (toServer == 0)
                return;
            ref FastServer fast = ref _tables.Servers[record.ServerSlot];
            if (fast.Hop != toServer)
            {
                fast.SetAddress(server.Address);
                Volatile.Write(ref fast.Hop, toServer);
            }
            record.GoFast(direction, 0);
        }
        HandedOver++;
    }
}
