using System.Runtime.InteropServices;

namespace Director.Dataplane.Linux.Bpf;

/// <summary>One instruction of eBPF as the kernel takes it (struct bpf_insn). One that loads 64 bits takes two.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct Instruction(byte Code, byte Registers, short Offset, int Immediate)
{
    /// <summary>As bpftool prints bytes; for tests and debuggers.</summary>
    public override string ToString() => $"{Code:x2} {Registers:x2} {Offset:x4} {Immediate:x8}";
}
