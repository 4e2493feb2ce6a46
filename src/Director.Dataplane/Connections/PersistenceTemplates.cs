using Director.Dataplane.Linux;
using Director.Model;

namespace Director.Dataplane.Connections;

/// <summary>
/// Persistence templates: which real server a group of clients goes to. They are records of the table, found under
/// (protocol, masked client, 0, virtual address, virtual port), that no packet finds; the connections made by one refer to it, and
/// while any is there it stays (IPVS: cp->control, n_control). Packet thread only.
/// </summary>
public sealed class PersistenceTemplates
{
    // As IPVS does: what is never looked up, but seen in the listing until its time is up.
    private const ushort InvalidPort = 0xFFFF;

    private readonly ConnectionTable _table;
    private readonly Region<ConnectionRecord> _records;
    private readonly Region<RecordExtension> _extensions;
    private readonly Region<PersistenceData> _data;
    private readonly RecordKeys _keys;
    private readonly ConnectionIndex _index;

    internal PersistenceTemplates(ConnectionTable table, ConnectionMemory memory, RecordKeys keys, ConnectionIndex index)
    {
        _table = table;
        _records = memory.Records;
        _extensions = memory.Extensions;
        _data = memory.PersistenceData;
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
        _records[connection].FlagBits |= (ushort)ConnectionFlags.Controlled;
        _extensions[connection].Template = template;
        _extensions[template].ControlledConnections++;
        Restart(template, now);
    }

    /// <summary>A one-packet connection was made by this template: it leaves nothing but a fresh start of its time.</summary>
    public void Restart(uint template, uint now) => _table.SetOwnTimeout(template, _records[template].OwnTimeout, now);

    /// <summary>The connection has been established or answered.</summary>
    public void Assure(uint connection)
    {
        if ((_records[connection].Flags & ConnectionFlags.Controlled) != 0)
            _records[_extensions[connection].Template].StateByte = (byte)ConnectionState.Assured;
    }

    /// <summary>Connections that this template made are still there: its time may be up, but it stays.</summary>
    public bool IsInUse(uint template) =>
        (_records[template].Flags & ConnectionFlags.Template) != 0 && _extensions[template].ControlledConnections != 0;

    /// <summary>Its server is gone or must not get more: nobody finds it any more, and its time goes on.</summary>
    public void Invalidate(uint template)
    {
        ref ConnectionRecord record = ref _records[template];
        if (record.VirtualPort == InvalidPort)
            return;
        _index.Remove(_keys.ClientHash(template), template);
        record.ClientPortWord = 0;
        record.VirtualPortWord = InvalidPort;
        record.ServerPortWord = InvalidPort;
        _index.Insert(_keys.ClientHash(template), template);
    }

    /// <summary>What the persistence engine said of the template; empty without one.</summary>
    public ReadOnlySpan<byte> DataOf(uint template) =>
        (_records[template].Flags & ConnectionFlags.PersistenceData) != 0 ? _data[template].Bytes : [];

    /// <summary>The connection is leaving the table.</summary>
    internal void Unbind(uint connection)
    {
        if ((_records[connection].Flags & ConnectionFlags.Controlled) != 0)
            _extensions[_extensions[connection].Template].ControlledConnections--;
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
            ref ConnectionRecord record = ref _records[number];
            if (!record.IsInUse || (record.Flags & ConnectionFlags.Controlled) == 0)
                continue;
            uint template = _extensions[number].Template;
            if (template != 0 && template < _records.Length && (_records[template].Flags & ConnectionFlags.Template) != 0)
                _extensions[template].ControlledConnections++;
            else
                record.FlagBits = (ushort)(record.FlagBits & ~(uint)ConnectionFlags.Controlled);
        }
    }
}
