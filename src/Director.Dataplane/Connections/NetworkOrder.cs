using System.Buffers.Binary;

namespace Director.Dataplane.Connections;

/// <summary>Between numbers in host order and words as they stand in a packet. Its own inverse.</summary>
internal static class NetworkOrder
{
    public static uint Swap(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    public static ushort Swap(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    public static ulong Swap(ulong value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    /// <summary>Two ports as the 32-bit word that starts a TCP, UDP or SCTP header, loaded natively.</summary>
    public static uint Ports(ushort source, ushort destination) => BitConverter.IsLittleEndian
        ? Swap(source) | ((uint)Swap(destination) << 16)
        : ((uint)source << 16) | destination;
}
