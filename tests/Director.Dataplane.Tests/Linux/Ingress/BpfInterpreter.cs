using System.Buffers.Binary;
using Director.Dataplane.Linux.Ingress;

namespace Director.Dataplane.Tests.Linux.Ingress;

/// <summary>Classic BPF as the kernel runs it: a load beyond the frame ends the program with 0.</summary>
internal static class BpfInterpreter
{
    public static uint Run(ReadOnlySpan<BpfInstruction> program, ReadOnlySpan<byte> frame, ushort? vlanTag = null, uint mark = 0)
    {
        uint a = 0, x = 0;
        for (int at = 0; ; at++)
        {
            BpfInstruction instruction = program[at];
            uint k = instruction.Operand;
            switch (instruction.Code)
            {
                case Bpf.LoadWord when k == Bpf.Mark:
                    a = mark;
                    break;
                case Bpf.LoadWord when k == Bpf.VlanTagPresent:
                    a = vlanTag.HasValue ? 1u : 0;
                    break;
                case Bpf.LoadWord when k == Bpf.VlanTag:
                    a = vlanTag ?? 0u;
                    break;
                case Bpf.LoadWord:
                    if (k + 4 > frame.Length)
                        return 0;
                    a = BinaryPrimitives.ReadUInt32BigEndian(frame[(int)k..]);
                    break;
                case Bpf.LoadHalf or Bpf.LoadHalfIndexed:
                    uint offset = instruction.Code == Bpf.LoadHalfIndexed ? k + x : k;
                    if (offset + 2 > frame.Length)
                        return 0;
                    a = BinaryPrimitives.ReadUInt16BigEndian(frame[(int)offset..]);
                    break;
                case Bpf.LoadByte or Bpf.LoadByteIndexed:
                    uint byteAt = instruction.Code == Bpf.LoadByteIndexed ? k + x : k;
                    if (byteAt >= frame.Length)
                        return 0;
                    a = frame[(int)byteAt];
                    break;
                case Bpf.LoadHeaderLength:
                    if (k >= frame.Length)
                        return 0;
                    x = 4u * (frame[(int)k] & 15u);
                    break;
                case Bpf.LoadIndex:
                    x = k;
                    break;
                case Bpf.Jump:
                    at += (int)k;
                    break;
                case Bpf.JumpEqual:
                    at += a == k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case Bpf.JumpGreater:
                    at += a > k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case Bpf.JumpGreaterOrEqual:
                    at += a >= k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case Bpf.JumpAnyBit:
                    at += (a & k) != 0 ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case Bpf.Return:
                    return k;
                default:
                    throw new InvalidOperationException($"opcode {instruction.Code:x}");
            }
        }
    }
}
