namespace Director.Dataplane.Linux.Ingress;

/// <summary>Opcodes of classic BPF (linux/filter.h), composed; A is the accumulator, X the index register.</summary>
internal static class ClassicBpf
{
    /// <summary>A = 4 bytes at the operand.</summary>
    public const ushort LoadWord = 0x20;

    /// <summary>A = 2 bytes at the operand.</summary>
    public const ushort LoadHalf = 0x28;

    /// <summary>A = the byte at the operand.</summary>
    public const ushort LoadByte = 0x30;

    /// <summary>A = 2 bytes at X + operand.</summary>
    public const ushort LoadHalfIndexed = 0x48;

    /// <summary>A = the byte at X + operand.</summary>
    public const ushort LoadByteIndexed = 0x50;

    /// <summary>X = 4 * (the byte at the operand &amp; 15): length of an IPv4 header.</summary>
    public const ushort LoadHeaderLength = 0xb1;

    /// <summary>X = the operand.</summary>
    public const ushort LoadIndex = 0x01;

    public const ushort Jump = 0x05;
    public const ushort JumpEqual = 0x15;
    public const ushort JumpGreater = 0x25;
    public const ushort JumpGreaterOrEqual = 0x35;

    /// <summary>True if A &amp; operand is not 0.</summary>
    public const ushort JumpAnyBit = 0x45;
    public const ushort Return = 0x06;

    // SKF_AD_OFF + ...: what the kernel knows of a frame beside its bytes.
    public const uint Mark = unchecked((uint)-0x1000 + 20);
    public const uint VlanTag = unchecked((uint)-0x1000 + 44);
    public const uint VlanTagPresent = unchecked((uint)-0x1000 + 48);
}
