using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>
/// The second cache line of an IPv6 connection, at the record's number in a part of its own: the whole addresses, in network
/// order. IPv4 connections never touch theirs, so that its memory is never taken.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct RecordAddresses
{
    public const int Size = 64;

    [FieldOffset(0)] private AddressBytes _client;
    [FieldOffset(16)] private AddressBytes _virtual;

    public IpAddress Client
    {
        readonly get => _client.Value;
        internal set => _client.Value = value;
    }

    public IpAddress Virtual
    {
        readonly get => _virtual.Value;
        internal set => _virtual.Value = value;
    }
}

/// <summary>An IPv6 address as its sixteen bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AddressBytes
{
    private ulong _first;
    private ulong _second;

    public IpAddress Value
    {
        readonly get => new(NetworkOrder.Swap(_first), NetworkOrder.Swap(_second));
        set => (_first, _second) = (NetworkOrder.Swap(value.High), NetworkOrder.Swap(value.Low));
    }
}
