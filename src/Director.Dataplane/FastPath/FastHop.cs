using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Director.Dataplane.Wire;

namespace Director.Dataplane.FastPath;

/// <summary>
/// A next hop as the fast-path program reads it: three words, each of which has the generation in its upper 16 bits. Words are read in
/// one piece and in any order; three of one generation belong together, and generation 0 is none. So no lock is needed, on any
/// architecture.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = Size)]
internal struct FastHop
{
    public const int Size = 32;
    public const int ToAt = 0;
    public const int FromAt = 8;
    public const int DeviceAt = 16;
    public const int GenerationShift = 48;
    public const int MtuShift = 32;

    [FieldOffset(ToAt)] private ulong _to;
    [FieldOffset(FromAt)] private ulong _from;
    [FieldOffset(DeviceAt)] private ulong _device;

    private readonly ushort Generation => (ushort)(_device >> GenerationShift);

    public readonly bool IsSet => (_to >> GenerationShift) != 0;

    public void Set(MacAddress to, MacAddress from, int interfaceIndex, int mtu)
    {
        ulong toWord = Word(to), fromWord = Word(from);
        ulong device = (uint)interfaceIndex | ((ulong)(ushort)Math.Min(mtu, ushort.MaxValue) << MtuShift);
        const ulong fields = (1UL << GenerationShift) - 1;
        if (IsSet && (_to & fields) == toWord && (_from & fields) == fromWord && (_device & fields) == device)
            return;
        ushort generation = (ushort)(Generation + 1);
        if (generation == 0)
            generation++;
        ulong mark = (ulong)generation << GenerationShift;
        Volatile.Write(ref _device, device | mark);
        Volatile.Write(ref _from, fromWord | mark);
        Volatile.Write(ref _to, toWord | mark);
    }

    /// <summary>Packets to it are the engine's until it is set again.</summary>
    public void Clear() => Volatile.Write(ref _to, 0);

    // As it lies in a frame.
    private static ulong Word(MacAddress mac)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        bytes.Clear();
        mac.Write(bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }
}
