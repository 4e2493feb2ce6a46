using System.Runtime.InteropServices;

namespace Director.Dataplane.Linux.Ingress;

/// <summary>One instruction of classic BPF, as the kernel takes it (struct sock_filter).</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Operand);
