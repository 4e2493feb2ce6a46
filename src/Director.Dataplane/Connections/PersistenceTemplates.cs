using Director.Dataplane.Linux;
using Director.Dataplane.Synchronization;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// Persistence templates: which real server a group of clients goes to. They are records of the table, found under
/// (protocol, masked client, 0, virtual address, virtual port), that no packet finds; the connections made by one refer to it, and
/// while any is there it stays (IPVS: cp->control, n_control). Packet thread only.
/// </summary>
public sealed class PersistenceTemplates
{
    // As IPVS lists what is never looked up again, until its time is up.
    private const ushort InvalidPort = 0xFFFF;

    private readonly ConnectionTable _table;
    private readonly Region<ConnectionRecord> _records;
    private readonly Region<RecordExtension> _extensions;
    private readonly RecordKeys _keys;
    private readonly ConnectionIndex _index;

    internal PersistenceTemplates(ConnectionTable table, ConnectionMemory memory, RecordKeys keys, ConnectionIndex index)
    {
        _table = table;
        _records = memory.Records;
        _extensions = memory.Extensions;
        _keys = keys;
        _index = index;
    }

    /// <summary>The template of these clients; 0: none. <paramref name="data"/> is a persistence engine's, empty without one.</summary>
    public uint Find(in FlowKey clients, ReadOnlySpan<byte> data)
    {
        ClientKey key = _keys.Template(clients, data);
        return _index.Find(key.Hash, key);
    }

    /// <summary>Makes a template that <see cref="Find"/> did not find. 0: the table is full.</summary>
    /// <param name="clients">Client address masked, its port 0.</param>
    /// <param name="serverSlot">Of an acquired slot.</param>
    /// <param name="serverPort">0: whatever port the packet has.</param>
    /// <param name="method">Copied into the record.</param>
    /// <param name="timeout">Seconds after the last new connection.</param>
    /// <param name="data">A persistence engine's, at most <see cref="PersistenceData.MostBytes"/>; empty without one.</param>
    /// <param name="now">Ticks.</param>
    public uint Create(
        in FlowKey clients, uint serverSlot, ushort serverPort, ForwardingMethod method, uint timeout, ReadOnlySpan<byte> data, uint now) =>
        _table.CreateTemplate(clients, serverSlot, serverPort, method, timeout, data, now);

    /// <summary>A connection was made by this template, whose time starts again.</summary>
    public void Bind(uint connection, uint template, uint now)
    {
        Attach(connection, template);
        Restart(template, now);
    }

    /// <summary>The same of a connection that was made elsewhere, long ago perhaps. 0: by a template that nobody finds any more.</summary>
    internal void Attach(uint connection, uint template)
    {
        if (Of(connection) == template && (_records[connection].Flags & ConnectionFlags.Controlled) != 0)
            return;
        Unbind(connection);
        _records[connection].FlagBits |= (ushort)ConnectionFlags.Controlled;
        _extensions[connection].Template = template;
        if (template != 0)
            _extensions[template].ControlledConnections++;
    }

    /// <summary>A packet was scheduled by this template without leaving a connection: only its time starts again.</summary>
    public void Restart(uint template, uint now) => _table.SetOwnTimeout(template, _records[template].OwnTimeout, now);

    /// <summary>The connection has been established or answered.</summary>
    public void Assure(uint connection)
    {
        if (Of(connection) is not (var template and not 0) || _records[template].State == ConnectionState.Assured)
            return;
        _records[template].StateByte = (byte)ConnectionState.Assured;
        _table.Journal.Note(template, ref _records[template]);
    }

    /// <summary>The template that this connection was made by; 0: none.</summary>
    public uint Of(uint connection) => (_records[connection].Flags & ConnectionFlags.Controlled) != 0 ? _extensions[connection].Template : 0;

    /// <summary>A template that connections were made by which are still there: its time may be up, but it stays. False for a connection.</summary>
    public bool IsInUse(uint number) =>
        (_records[number].Flags & ConnectionFlags.Template) != 0 && _extensions[number].ControlledConnections != 0;

    /// <summary>Its server is gone or must not get more: nobody finds it any more, and its time goes on.</summary>
    public void Invalidate(uint template)
    {
        if ((_records[template].Marks & SyncMarks.Sent) != 0)
            _table.Journal.Removed(ref _records[template], RecordEntries.Removal(_table, template));
        _index.Remove(_keys.ClientHash(template), template);
        _extensions[template].IsInvalid = true;
        ref ConnectionRecord record = ref _records[template];
        record.BeginChange();
        record.VirtualPortWord = InvalidPort;
        record.ServerPortWord = InvalidPort;
        record.EndChange();
    }

    /// <summary>A template that nobody is to find. False for a connection.</summary>
    internal bool IsInvalid(uint number) =>
        (_records[number].Flags & ConnectionFlags.Template) != 0 && _extensions[number].IsInvalid;

    /// <summary>The connection is leaving the table.</summary>
    internal void Unbind(uint connection)
    {
        if (Of(connection) is var template and not 0)
            _extensions[template].ControlledConnections--;
    }

    /// <summary>After a restart of the engine, once all records are known: who refers to whom.</summary>
    internal void Recount()
    {
        for (uint number = 1; number < _records.Length; number++)
        {
            if ((_records[number].Flags & ConnectionFlags.Template) != 0)
                _extensions[number].ControlledConnections = 0;
        }
        for (uint number = 1; number < _records.Length; number++)
        {
            if (Of(number) is not (var template and not 0))
                continue;
            if (template < _records.Length && (_records[template].Flags & ConnectionFlags.Template) != 0)
                _extensions[template].ControlledConnections++;
            else
                _records[number].FlagBits &= unchecked((ushort)~ConnectionFlags.Controlled);
        }
    }
}
