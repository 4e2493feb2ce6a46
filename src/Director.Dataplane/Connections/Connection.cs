using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>A connection as the forwarding steps see it: its record and the extension of it.</summary>
public readonly ref struct Connection(uint number, ref ConnectionRecord record, ref RecordExtension extension)
{
    private readonly ref ConnectionRecord _record = ref record;
    private readonly ref RecordExtension _extension = ref extension;

    public uint Number => number;

    public ref ConnectionRecord Record => ref _record;

    public bool IsIpv6 => (_record.Flags & ConnectionFlags.Ipv6) != 0;

    public IpAddress Client => IsIpv6 ? _extension.Client : IpAddress.FromIpv4(NetworkOrder.Swap(_record.ClientAddressWord));

    public IpAddress Virtual => IsIpv6 ? _extension.Virtual : IpAddress.FromIpv4(NetworkOrder.Swap(_record.VirtualAddressWord));

    /// <summary>The client's packets carry this key.</summary>
    public FlowKey Flow => new(_record.Protocol, Client, _record.ClientPort, Virtual, _record.VirtualPort);
}
