namespace Director.Dataplane.Linux.Bpf;

/// <summary>
/// The registers of eBPF. A call takes its arguments in R1 .. R5, which it loses, and answers in R0; R6 .. R9 stay; R10 is the end of
/// the 512 bytes of stack, which are addressed below it.
/// </summary>
public enum Register : byte
{
    R0,
    R1,
    R2,
    R3,
    R4,
    R5,
    R6,
    R7,
    R8,
    R9,
    Stack,
}

/// <summary>Of an access to memory. The values are the kernel's (BPF_W, BPF_H, BPF_B, BPF_DW).</summary>
public enum Width : byte
{
    Four = 0x00,
    Two = 0x08,
    One = 0x10,
    Eight = 0x18,
}

/// <summary>Conditions of jumps; unsigned. The values are the kernel's (BPF_JEQ ...).</summary>
public enum Condition : byte
{
    Equal = 0x10,
    Above = 0x20,
    AboveOrEqual = 0x30,

    /// <summary>They have a bit in common.</summary>
    AnyBit = 0x40,
    NotEqual = 0x50,
    Below = 0xa0,
    BelowOrEqual = 0xb0,
}

/// <summary>Arithmetic of two operands, the first of which takes the result. The values are the kernel's (BPF_ADD ...).</summary>
public enum Operation : byte
{
    Add = 0x00,
    Subtract = 0x10,
    Multiply = 0x20,
    Or = 0x40,
    And = 0x50,
    ShiftLeft = 0x60,
    ShiftRight = 0x70,
    Xor = 0xa0,
    Move = 0xb0,
}

/// <summary>Functions of the kernel that programs may call (enum bpf_func_id).</summary>
public enum Function
{
    /// <summary>(context, offset, from, to, flags): an Internet checksum in the packet follows a change, however much of it is left to a card.</summary>
    ReplaceTransportChecksum = 11,

    /// <summary>(context, interface index, flags): sends a copy.</summary>
    CloneRedirect = 13,

    /// <summary>(interface index, flags): what the program then has to return.</summary>
    Redirect = 23,

    /// <summary>(context, length, 0): cuts or grows a packet at its end.</summary>
    ChangeTail = 38,

    /// <summary>(context, length): so many bytes can be accessed.</summary>
    PullData = 39,

    /// <summary>(): nanoseconds of the boot-time clock, which counts suspension.</summary>
    BootTime = 125,
}
