using Director.Dataplane.Linux;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>The keys under which records are indexed, from packets and from the records themselves.</summary>
internal sealed class RecordKeys(Region<ConnectionRecord> records, Region<RecordAddresses> addresses, ServerSlots servers, FlowHash hash)
{
    /// <summary>Of a client's packet, or (<paramref name="template"/>) of the template for such clients.</summary>
    public ClientKey Client(in FlowKey flow, bool template = false)
    {
        uint source = hash.Word(flow.Source);
        uint destination = hash.Word(flow.Destination);
        uint ports = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort);
        return new ClientKey(records, addresses, flow, hash.Of(source, destination, ports, flow.Protocol), source, destination, ports, template);
    }

    /// <summary>The same hash, from the record.</summary>
    public ulong ClientHash(in ConnectionRecord record) =>
        hash.Of(record.ClientAddressWord, record.VirtualAddressWord, record.PortsWord, record.ProtocolByte);

    /// <summary>Of a server's packet.</summary>
    public ServerKey Server(in FlowKey flow)
    {
        uint source = hash.Word(flow.Source);
        uint destination = hash.Word(flow.Destination);
        uint ports = NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort);
        return new ServerKey(records, addresses, servers, flow, hash.Of(source, destination, ports, flow.Protocol), destination, ports);
    }

    /// <summary>The same hash, from the record.</summary>
    public ulong ServerHash(in ConnectionRecord record) =>
        hash.Of(hash.Word(servers[record.ServerSlot].Address), record.ClientAddressWord, record.ReplyPortsWord, record.ProtocolByte);

    /// <summary>How addresses stand in a record.</summary>
    public uint Word(IpAddress address) => hash.Word(address);
}

/// <summary>A client's packet: the first twelve bytes of the record and the protocol; of IPv6 also the whole addresses.</summary>
internal readonly ref struct ClientKey(
    Region<ConnectionRecord> records, Region<RecordAddresses> addresses, in FlowKey flow, ulong hash, uint source, uint destination, uint ports, bool template)
    : IRecordKey
{
    private const ConnectionFlags Kind = ConnectionFlags.Template | ConnectionFlags.Ipv6;

    private readonly ref readonly FlowKey _flow = ref flow;
    private readonly ConnectionFlags _kind =
        (template ? ConnectionFlags.Template : ConnectionFlags.None) | (flow.IsIpv4 ? ConnectionFlags.None : ConnectionFlags.Ipv6);

    public ulong Hash => hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == source && record.VirtualAddressWord == destination && record.PortsWord == ports
            && record.ProtocolByte == _flow.Protocol && (record.Flags & Kind) == _kind
            && ((_kind & ConnectionFlags.Ipv6) == 0
                || (addresses[number].Client == _flow.Source && addresses[number].Virtual == _flow.Destination));
    }
}

/// <summary>A server's packet, back to the client: its source is the server's, which the record has by reference.</summary>
internal readonly ref struct ServerKey(
    Region<ConnectionRecord> records, Region<RecordAddresses> addresses, ServerSlots servers, in FlowKey flow, ulong hash, uint destination, uint ports)
    : IRecordKey
{
    private readonly ref readonly FlowKey _flow = ref flow;

    public ulong Hash => hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == destination && record.ReplyPortsWord == ports
            && record.ProtocolByte == _flow.Protocol && servers[record.ServerSlot].Address == _flow.Source
            && (_flow.IsIpv4 || addresses[number].Client == _flow.Destination);
    }
}
