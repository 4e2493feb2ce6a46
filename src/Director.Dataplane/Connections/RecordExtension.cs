using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Connections;

/// <summary>
/// The second cache line of a connection, at the record's number in a part of its own: the whole addresses of IPv6, and what
/// persistence needs. Flags of the record say which of it holds; plain IPv4 connections never touch theirs, so that its memory
/// is never taken.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
public struct RecordExtension
{
    public const int Size = 64;

    /// <summary>The template that this connection was made by, with <see cref="ConnectionFlags.Controlled"/>.</summary>
    [FieldOffset(32)] internal uint Template;

    /// <summary>Of a template: connections that it made and that are still there (IPVS: n_control).</summary>
    [FieldOffset(36)] internal uint ControlledConnections;

    [FieldOffset(0)] private AddressBytes _client;
    [FieldOffset(16)] private AddressBytes _virtual;

    /// <summary>Of a flow that is in no table.</summary>
    internal static RecordExtension Passing(in FlowKey flow) => new() { Client = flow.Source, Virtual = flow.Destination };

    /// <summary>With <see cref="ConnectionFlags.Ipv6"/>.</summary>
    public IpAddress Client
    {
        readonly get => _client.Value;
        internal set => _client.Value = value;
    }

    /// <summary>With <see cref="ConnectionFlags.Ipv6"/>.</summary>
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
