using System.Runtime.InteropServices;
using Director.Dataplane.Linux;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>The keys under which records are indexed, from packets and from the records themselves.</summary>
internal sealed class RecordKeys(ConnectionMemory memory)
{
    private readonly FlowHash _hash = memory.Hash;

    /// <summary>Of a client's packet.</summary>
    public ClientKey Client(in FlowKey flow) => new(memory, flow, Digest(flow), template: false, []);

    /// <summary>Of the template of such clients.</summary>
    public ClientKey Template(in FlowKey clients, ReadOnlySpan<byte> data)
    {
        FlowDigest digest = Digest(clients);
        return new(memory, clients, digest with { Hash = digest.Hash + HashOf(data) }, template: true, data);
    }

    /// <summary>The same hash, from the record.</summary>
    public ulong ClientHash(uint number)
    {
        ref ConnectionRecord record = ref memory.Records[number];
        ulong hash = _hash.Of(record.ClientAddressWord, record.VirtualAddressWord, record.PortsWord, record.ProtocolByte);
        return (record.Flags & ConnectionFlags.PersistenceData) == 0 ? hash : hash + HashOf(memory.PersistenceData[number].Bytes);
    }

    /// <summary>Of a server's packet.</summary>
    public ServerKey Server(in FlowKey flow) => new(memory, flow, Digest(flow));

    /// <summary>The same hash, from the record.</summary>
    public ulong ServerHash(in ConnectionRecord record) =>
        _hash.Of(_hash.Word(memory.Servers[record.ServerSlot].Address), record.ClientAddressWord, record.ReplyPortsWord, record.ProtocolByte);

    /// <summary>How addresses stand in a record.</summary>
    public uint Word(IpAddress address) => _hash.Word(address);

    private FlowDigest Digest(in FlowKey flow)
    {
        uint source = _hash.Word(flow.Source);
        uint destination = _hash.Word(flow.Destination);
        uint ports = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort);
        return new FlowDigest(_hash.Of(source, destination, ports, flow.Protocol), source, destination, ports);
    }

    // Keyed, so that nobody can aim Call-IDs at one bucket; 0 for none.
    private ulong HashOf(ReadOnlySpan<byte> data)
    {
        ulong hash = 0;
        for (; data.Length >= sizeof(ulong); data = data[sizeof(ulong)..])
            hash = unchecked((hash ^ MemoryMarshal.Read<ulong>(data)) * (_hash.D0 | 1)) + (hash >> 29);
        foreach (byte each in data)
            hash = unchecked((hash ^ each) * (_hash.D1 | 1)) + (hash >> 29);
        return unchecked(hash * (_hash.D2 | 1));
    }
}

/// <summary>The words of a flow as records have them, and their hash.</summary>
internal readonly record struct FlowDigest(ulong Hash, uint Source, uint Destination, uint Ports);

/// <summary>A client's packet: the first twelve bytes of the record and the protocol; of IPv6 also the whole addresses.</summary>
internal readonly ref struct ClientKey : IRecordKey
{
    private const ConnectionFlags KindMask = ConnectionFlags.Template | ConnectionFlags.Ipv6 | ConnectionFlags.PersistenceData;

    private readonly Region<ConnectionRecord> _records;
    private readonly ConnectionMemory _memory;
    private readonly FlowDigest _digest;
    private readonly ref readonly FlowKey _flow;
    private readonly ConnectionFlags _kind;
    private readonly ReadOnlySpan<byte> _data;

    public ClientKey(ConnectionMemory memory, in FlowKey flow, FlowDigest digest, bool template, ReadOnlySpan<byte> data)
    {
        _memory = memory;
        _records = memory.Records;
        _digest = digest;
        _flow = ref flow;
        _data = data;
        _kind = (template ? ConnectionFlags.Template : ConnectionFlags.None) | (flow.IsIpv4 ? ConnectionFlags.None : ConnectionFlags.Ipv6)
            | (data.IsEmpty ? ConnectionFlags.None : ConnectionFlags.PersistenceData);
    }

    public ulong Hash => _digest.Hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref _records[number];
        return record.ClientAddressWord == _digest.Source && record.VirtualAddressWord == _digest.Destination && record.PortsWord == _digest.Ports
            && record.ProtocolByte == _flow.Protocol && (record.Flags & KindMask) == _kind
            && ((_kind & ConnectionFlags.Ipv6) == 0 || HasAddresses(number))
            && (_data.IsEmpty || _memory.PersistenceData[number].Bytes.SequenceEqual(_data));
    }

    private bool HasAddresses(uint number)
    {
        ref RecordExtension extension = ref _memory.Extensions[number];
        return extension.Client == _flow.Source && extension.Virtual == _flow.Destination;
    }
}

/// <summary>A server's packet, back to the client: its source is the server's, which the record has by reference.</summary>
internal readonly ref struct ServerKey : IRecordKey
{
    private readonly Region<ConnectionRecord> _records;
    private readonly ConnectionMemory _memory;
    private readonly FlowDigest _digest;
    private readonly ref readonly FlowKey _flow;

    public ServerKey(ConnectionMemory memory, in FlowKey flow, FlowDigest digest)
    {
        _memory = memory;
        _records = memory.Records;
        _digest = digest;
        _flow = ref flow;
    }

    public ulong Hash => _digest.Hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref _records[number];
        return record.ClientAddressWord == _digest.Destination && record.ReplyPortsWord == _digest.Ports
            && record.ProtocolByte == _flow.Protocol && _memory.Servers[record.ServerSlot].Address == _flow.Source
            && (_flow.IsIpv4 || _memory.Extensions[number].Client == _flow.Destination);
    }
}
