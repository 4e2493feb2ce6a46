using Director.Dataplane.Linux;

namespace Director.Dataplane.Connections;

/// <summary>A client's packet: the first twelve bytes of the record and the protocol.</summary>
internal readonly struct ClientKey(Region<ConnectionRecord> records, uint source, uint destination, uint ports, byte protocol) : IRecordKey
{
    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == source && record.VirtualAddressWord == destination && record.PortsWord == ports
            && record.ProtocolByte == protocol && (record.Flags & ConnectionFlags.Template) == 0;
    }
}

/// <summary>A server's packet, back to the client: its source is the server's, which the record has by reference.</summary>
internal readonly struct ServerKey(
    Region<ConnectionRecord> records, ServerSlots servers, uint source, uint destination, uint ports, byte protocol) : IRecordKey
{
    public bool Matches(uint number)
    {
        ref ConnectionRecord record = ref records[number];
        return record.ClientAddressWord == destination && record.ReplyPortsWord == ports
            && record.ProtocolByte == protocol && servers[record.ServerSlot].AddressWord == source;
    }
}
