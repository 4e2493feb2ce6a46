using Director.Dataplane.FullNat;
using Director.Dataplane.Linux;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// The connections: found by either side's packets, made, moved from state to state, ended. Works on a
/// <see cref="ConnectionMemory"/>; its own timers and free list are private and made again from there. Packet thread only, but
/// for <see cref="TryRead"/> and <see cref="RemainingSeconds(in ConnectionRecord, uint)"/>. Allocates nothing once made.
/// </summary>
public sealed class ConnectionTable
{
    private readonly ConnectionMemory _memory;
    private readonly Region<ConnectionRecord> _records;
    private readonly Region<RecordExtension> _extensions;
    private readonly Region<PersistenceData> _persistence;
    private readonly ServerSlots _servers;
    private readonly RecordKeys _keys;
    private readonly ConnectionIndex _in;
    private readonly ConnectionIndex _out;
    private readonly TimeoutHistory _timeouts;
    private readonly RecordPool _free;
    private readonly ConnectionTimers _timers;

    /// <param name="memory">New, or attached: then its connections are the table's.</param>
    /// <param name="timeouts">To be in force from now on; null: those that the memory has (the defaults in a new one).</param>
    /// <param name="now">Ticks of the <see cref="ConnectionClock"/>.</param>
    /// <param name="visitor">Is shown the connections that are there.</param>
    public ConnectionTable(ConnectionMemory memory, Timeouts? timeouts, uint now, IConnectionVisitor? visitor = null)
    {
        _memory = memory;
        _records = memory.Records;
        _extensions = memory.Extensions;
        _persistence = memory.PersistenceData;
        _servers = memory.Servers;
        _keys = new RecordKeys(memory);
        _timeouts = memory.Timeouts;
        _in = new ConnectionIndex(memory.In);
        _out = new ConnectionIndex(memory.Out);
        Templates = new PersistenceTemplates(this, memory, _keys, _in);
        _free = new RecordPool(_records.Length);
        Program = new RecordReuse(_records, _free, _servers);
        _timers = new ConnectionTimers(_records, _timeouts, now);
        Times = new RecordTimes(_records, _timeouts, _timers);
        if (memory.IsNew)
        {
            for (uint number = 1; number < _records.Length; number++)
                _free.Return(number);
        }
        else
        {
            Rebuild(now, visitor);
        }
        if (timeouts is not null)
            SetTimeouts(timeouts, now);
    }

    public PersistenceTemplates Templates { get; }

    /// <summary>What a fast-path program that reads the records has to be spared.</summary>
    internal RecordReuse Program { get; }

    /// <summary>What connection sync reads and writes of records.</summary>
    internal RecordTimes Times { get; }

    /// <summary>Notes what standbys have to be told of.</summary>
    public ConnectionJournal Journal { get; } = new();

    /// <summary>The real servers that connections refer to.</summary>
    public ServerSlots Servers => _servers;

    /// <summary>Connections that are there.</summary>
    public uint Count => Capacity - Available;

    /// <summary>Records that are free.</summary>
    public uint Available => _free.Available;

    /// <summary>Connections that fit. Record numbers are 1 to this.</summary>
    public uint Capacity => _memory.Capacity;

    /// <summary>Connections whose client's packets the fast-path program cannot find, so that the engine has to forward them.</summary>
    public uint InOverflowed => _in.Overflowed;

    /// <summary>The same for servers' packets.</summary>
    public uint OutOverflowed => _out.Overflowed;

    public Timeouts Timeouts => _timeouts.Current;

    /// <summary>TCP moves by the tables of secure_tcp. A connection has its state from whatever was in force at its last packet.</summary>
    public bool SecureTcp { get; set; }

    public ref ConnectionRecord this[uint number] => ref _records[number];

    /// <summary>Starts loading a record that will be looked at soon; of no effect beyond the last one.</summary>
    internal void Prefetch(uint number) => _records.Prefetch(number);

    /// <summary>Of a template: what a persistence engine said, if one did.</summary>
    internal ReadOnlySpan<byte> DataOf(uint number) =>
        (_records[number].Flags & ConnectionFlags.PersistenceData) != 0 ? _persistence[number].Bytes : [];

    /// <summary>The record with its addresses.</summary>
    public Connection At(uint number) => new(number, ref _records[number], ref _extensions[number]);

    /// <summary>The connection of a client's packet; 0: none.</summary>
    public uint Find(in FlowKey flow)
    {
        ClientKey key = _keys.Client(flow);
        return _in.Find(key.Hash, key);
    }

    /// <summary>The connection of a server's packet whose replies are translated (the youngest, should two fit); 0: none.</summary>
    public uint FindReply(in FlowKey flow)
    {
        ServerKey key = _keys.Server(flow);
        return _out.Find(key.Hash, key);
    }

    /// <summary>
    /// Makes the connection of a client's packet that <see cref="Find"/> did not find, in state NONE;
    /// <see cref="Advance"/> with that packet follows. 0: the table is full.
    /// </summary>
    /// <param name="flow">As in the client's packet.</param>
    /// <param name="serverSlot">Of an acquired slot.</param>
    /// <param name="serverPort">Where this connection goes to, host order.</param>
    /// <param name="method">Copied into the record.</param>
    /// <param name="now">Ticks.</param>
    /// <param name="local">FULLNAT: where we speak to the server from.</param>
    /// <param name="told">How the server is told of the client: <see cref="ConnectionFlags.ProxyProtocol"/>, <see cref="ConnectionFlags.Toa"/> or none.</param>
    public uint Create(
        in FlowKey flow, uint serverSlot, ushort serverPort, ForwardingMethod method, uint now, LocalEndpoint local = default,
        ConnectionFlags told = ConnectionFlags.None)
    {
        bool translated = method is ForwardingMethod.Masquerade or ForwardingMethod.FullNat;
        ConnectionFlags owed = told == ConnectionFlags.None ? told : told | ConnectionFlags.AddressOwed;
        return Add(flow, serverSlot, serverPort, method, owed | (translated ? ConnectionFlags.Reply : ConnectionFlags.NoOutput), 0, [], now, local);
    }

    internal uint CreateTemplate(
        in FlowKey clients, uint serverSlot, ushort serverPort, ForwardingMethod method, uint timeout, ReadOnlySpan<byte> data, uint now)
    {
        ConnectionFlags kind = data.IsEmpty ? ConnectionFlags.Template : ConnectionFlags.Template | ConnectionFlags.PersistenceData;
        return Add(clients, serverSlot, serverPort, method, kind, timeout, data, now);
    }

    /// <summary>Makes a record of either kind, in state NONE; 0: the table is full.</summary>
    internal uint Add(
        in FlowKey flow, uint serverSlot, ushort serverPort, ForwardingMethod method, ConnectionFlags kind, uint ownTimeout,
        ReadOnlySpan<byte> data, uint now, LocalEndpoint local = default)
    {
        uint number = _free.Take();
        if (number == 0)
            return 0;
        ref ConnectionRecord record = ref _records[number];
        // The one cache line that nothing has touched yet; the record hides its way.
        if ((kind & ConnectionFlags.Reply) != 0)
            _out.Prefetch(_keys.Server(ReplyOf(flow, serverSlot, serverPort, local)).Hash);
        record.BeginChange();
        record.ClientAddressWord = _keys.Word(flow.Source);
        record.VirtualAddressWord = _keys.Word(flow.Destination);
        record.PortsWord = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort);
        record.ProtocolByte = flow.Protocol;
        record.StateByte = (byte)ConnectionState.None;
        record.FlagBits = (ushort)((ushort)(ConnectionFlags.InUse | kind | (flow.IsIpv4 ? ConnectionFlags.None : ConnectionFlags.Ipv6))
            | ((int)method << ConnectionRecord.MethodShift));
        record.ServerWord = serverSlot;
        record.ServerPortWord = NetworkOrder.Swap(serverPort);
        record.LocalPortWord = NetworkOrder.Swap(local.Port);
        // A number of the record before that still waits in the journal is this one's.
        record.Marks &= SyncMarks.Queued;
        record.ConfirmedBy = 0;
        record.OwnTimeout = ownTimeout;
        record.InBytes = 0;
        record.OutBytes = 0;
        record.InPackets = 0;
        record.OutPackets = 0;
        record.LastSeenIn = now;
        record.LastSeenOut = now;
        if (!flow.IsIpv4)
            _extensions[number] = new RecordExtension { Client = flow.Source, Virtual = flow.Destination };
        else if ((kind & ConnectionFlags.Template) != 0 || local.Port != 0)
            _extensions[number] = default;
        if (local.Port != 0)
            _extensions[number].Local = local.Address;
        if (!data.IsEmpty)
            _persistence[number].Set(data);
        record.EndChange();

        _servers.Refer(serverSlot);
        AddToIndexes(number, record);
        _timers.Start(number, now);
        Journal.Note(number, ref record);
        return number;
    }

    /// <summary>Ends a connection. Its number is used again as late as possible.</summary>
    public void Remove(uint number)
    {
        ref ConnectionRecord record = ref _records[number];
        if (!record.IsInUse)
            return;
        ulong clientHash = _keys.ClientHash(number);
        ulong serverHash = _keys.ServerHash(number);
        _in.Prefetch(clientHash);
        _out.Prefetch(serverHash);
        if ((record.Marks & SyncMarks.Sent) != 0)
            Journal.Removed(ref record, RecordEntries.Removal(this, number));
        _timers.Stop(number);
        Templates.Unbind(number);
        _in.Remove(clientHash, number);
        if ((record.Flags & ConnectionFlags.Reply) != 0)
            _out.Remove(serverHash, number);
        record.BeginChange();
        record.FlagBits = 0;
        record.EndChange();
        _servers.Unrefer(record.ServerSlot);
        _free.Return(number);
    }

    /// <summary>A packet of the connection: restarts its time, moves its state.</summary>
    /// <param name="number">Of the connection.</param>
    /// <param name="packet">What the packet says.</param>
    /// <param name="direction">Whose packet.</param>
    /// <param name="now">Ticks.</param>
    public void Advance(uint number, PacketEvent packet, PacketDirection direction, uint now)
    {
        ref ConnectionRecord record = ref _records[number];
        if (direction == PacketDirection.Input)
        {
            record.LastSeenIn = now;
        }
        else
        {
            record.LastSeenOut = now;
            if ((record.Flags & ConnectionFlags.NoOutput) != 0)
            {
                record.FlagBits = (ushort)(record.FlagBits & ~(uint)ConnectionFlags.NoOutput);
                Journal.Changed(number, ref record);
            }
        }
        bool noOutput = (record.Flags & ConnectionFlags.NoOutput) != 0;
        ConnectionState next = record.ProtocolByte switch
        {
            IpProtocol.Tcp => TcpStates.Next(record.State, direction, noOutput, packet, SecureTcp),
            IpProtocol.Udp => UdpStates.Next(),
            IpProtocol.Sctp => SctpStates.Next(record.State, direction, noOutput, packet),
            _ => record.State,
        };
        ConnectionState before = record.State;
        if (next == before && record.OwnTimeout == 0)
            return;
        record.GoSlow();
        record.StateByte = (byte)next;
        record.OwnTimeout = 0;
        _timers.StateChanged(number, before, now);
        Journal.Changed(number, ref record);
    }

    /// <summary>Seconds that go before the state's timeout, from now on and until the next packet; 0: none.</summary>
    public void SetOwnTimeout(uint number, uint seconds, uint now)
    {
        ref ConnectionRecord record = ref _records[number];
        record.GoSlow();
        record.OwnTimeout = seconds;
        record.LastSeenIn = now;
        _timers.Restart(number, now);
        Journal.Note(number, ref record);
    }

    /// <summary>Changes the timeouts (zeros leave one as it is); they hold for a connection from its next packet on.</summary>
    public Timeouts SetTimeouts(Timeouts change, uint now)
    {
        Timeouts wanted = Timeouts.Changed(change);
        if (wanted != Timeouts)
        {
            _timeouts.Change(wanted, now);
            _timers.TimeoutsChanged();
        }
        return Timeouts;
    }

    /// <summary>Ends the connections whose time is up: at most <paramref name="budget"/> timers a call. Returns how many ended.</summary>
    public int Expire(uint now, IConnectionExpiry listener, int budget)
    {
        _timeouts.ForgetBefore(now);
        _timers.Sweep(now, budget);
        int ended = 0;
        for (; budget > 0 && _timers.Take(now) is var number and not 0; budget--)
        {
            ref ConnectionRecord record = ref _records[number];
            if (_timers.Remaining(record, now) > 0)
            {
                _timers.Start(number, now);
                continue;
            }
            ushort generation = record.Generation;
            if (!listener.Expired(number))
            {
                if (_timers.Remaining(record, now) > 0)
                    _timers.Start(number, now);
                else
                    SetOwnTimeout(number, StateTimeouts.Controlled, now);
                continue;
            }
            if (record.Generation == generation)
                Remove(number);
            ended++;
        }
        return ended;
    }

    /// <summary>Whole seconds until the connection ends if nothing comes, as <c>ipvsadm -Lc</c> shows them.</summary>
    public uint RemainingSeconds(uint number, uint now) => RemainingSeconds(_records[number], now);

    /// <summary>The same of a copy that <see cref="TryRead"/> made; any thread.</summary>
    public uint RemainingSeconds(in ConnectionRecord connection, uint now) =>
        ConnectionClock.Seconds((uint)Math.Max(_timers.Remaining(connection, now), 0));

    /// <summary>
    /// Copies a record that holds a connection; any thread. The copy is of one connection, though its state, counters and times
    /// may go on while it is made.
    /// </summary>
    public bool TryRead(uint number, out ConnectionRecord copy, out RecordExtension extension)
    {
        copy = default;
        extension = default;
        if (number == 0 || number >= _records.Length)
            return false;
        ref ConnectionRecord record = ref _records[number];
        ushort before = Volatile.Read(ref record.Generation);
        copy = record;
        if ((copy.Flags & ConnectionFlags.Ipv6) != 0)
            extension = _extensions[number];
        Volatile.ReadBarrier();
        return (before & 1) == 0 && Volatile.Read(ref record.Generation) == before && copy.IsInUse;
    }

    /// <summary>
    /// Copies what a persistence engine said of the template that <see cref="TryRead"/> copied, empty without one; any thread.
    /// False: that template is gone by now.
    /// </summary>
    public bool TryReadData(uint number, in ConnectionRecord copy, out PersistenceData data)
    {
        data = default;
        if ((copy.Flags & ConnectionFlags.PersistenceData) != 0)
            data = _persistence[number];
        Volatile.ReadBarrier();
        return Volatile.Read(ref _records[number].Generation) == copy.Generation;
    }

    /// <summary>
    /// Makes everything anew from the records: free list, timers, indexes, the servers' reference counts. Whatever an engine
    /// that was killed had begun is ended or undone. No program may be reading meanwhile.
    /// </summary>
    public void Rebuild(uint now, IConnectionVisitor? visitor = null)
    {
        _free.Clear();
        _timers.Clear(now);
        _in.Clear();
        _out.Clear();
        _servers.ForgetReferences();
        for (uint number = 1; number < _records.Length; number++)
        {
            ref ConnectionRecord record = ref _records[number];
            record.Marks = SyncMarks.None;
            record.GoSlow();
            if (!IsSound(record))
            {
                record.BeginChange();
                record.FlagBits = 0;
                record.EndChange();
                _free.Return(number);
                continue;
            }
            _servers.Refer(record.ServerSlot);
            AddToIndexes(number, record);
            _timers.Start(number, now);
            visitor?.Visit(number, record);
        }
        Templates.Recount();
        _servers.FreeUnused();
    }

    private void AddToIndexes(uint number, in ConnectionRecord record)
    {
        if (!Templates.IsInvalid(number))
            _in.Insert(_keys.ClientHash(number), number);
        if ((record.Flags & ConnectionFlags.Reply) == 0)
            return;
        Connection connection = At(number);
        FlowKey reply = ReplyOf(connection.Flow, record.ServerSlot, record.ServerPort, connection.Local);
        ServerKey key = _keys.Server(reply);
        _out.InsertBefore(key.Hash, number, key);
    }

    // What a server's packet of this connection carries.
    private FlowKey ReplyOf(in FlowKey flow, uint serverSlot, ushort serverPort, LocalEndpoint local)
    {
        IpAddress server = _servers[serverSlot].Address;
        return local.Port == 0
            ? new FlowKey(flow.Protocol, server, serverPort, flow.Source, flow.SourcePort)
            : new FlowKey(flow.Protocol, server, serverPort, local.Address, local.Port);
    }

    private bool IsSound(in ConnectionRecord record) =>
        record.IsInUse && (record.Generation & 1) == 0 && record.StateByte < ConnectionStates.Count
        && record.ServerSlot < _servers.Capacity && _servers[record.ServerSlot].IsInUse;
}
