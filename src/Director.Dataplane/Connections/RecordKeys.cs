using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>The keys under which records are indexed, from packets and from the records themselves.</summary>
internal sealed class RecordKeys(Region<ConnectionRecord> records, ServerSlots servers, FlowHash hash)
{
    /// <summary>Of a client's packet.</summary>
    public ClientKey Client(in FlowKey flow) => Client(
        NetworkOrder.Swap(flow.Source), NetworkOrder.Swap(flow.Destination), NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort), flow.Protocol);

    public ClientKey Client(in ConnectionRecord record) =>
        Client(record.ClientAddressWord, record.VirtualAddressWord, record.PortsWord, record.ProtocolByte);

    /// <summary>Of a server's packet.</summary>
    public ServerKey Server(in FlowKey flow) => Server(
        NetworkOrder.Swap(flow.Source), NetworkOrder.Swap(flow.Destination), NetworkOrder.Ports(flow.SourcePort, flow.DestinationPort), flow.Protocol);

    public ServerKey Server(in ConnectionRecord record) =>
        Server(servers[record.ServerSlot].AddressWord, record.ClientAddressWord, record.ReplyPortsWord, record.ProtocolByte);

    private ClientKey Client(uint source, uint destination, uint ports, byte protocol) =>
        new(records, hash.Of(source, destination, ports, protocol), source, destination, ports, protocol);

    private ServerKey Server(uint source, uint destination, uint ports, byte protocol) =>
        new(records, servers, hash.Of(source, destination, ports, protocol), source, destination, ports, protocol);
}

/// <summary>A client's packet: the first twelve bytes of the record and the protocol.</summary>
internal readonly struct ClientKey(Region<ConnectionRecord> records, ulong hash, uint source, uint destination, uint ports, byte protocol)
    : IRecordKey
{
    public ulong Hash => hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == source && record.VirtualAddressWord == destination && record.PortsWord == ports
            && record.ProtocolByte == protocol && (record.Flags & ConnectionFlags.Template) == 0;
    }
}

/// <summary>A server's packet, back to the client: its source is the server's, which the record has by reference.</summary>
internal readonly struct ServerKey(
    Region<ConnectionRecord> records, ServerSlots servers, ulong hash, uint source, uint destination, uint ports, byte protocol)
    : IRecordKey
{
    public ulong Hash => hash;

    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == destination && record.ReplyPortsWord == ports
            && record.ProtocolByte == protocol && servers[record.ServerSlot].AddressWord == source;
    }
}
