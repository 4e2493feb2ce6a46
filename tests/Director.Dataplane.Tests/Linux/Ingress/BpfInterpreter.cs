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
                case ClassicBpf.LoadWord when k == ClassicBpf.Mark:
                    a = mark;
                    break;
                case ClassicBpf.LoadWord when k == ClassicBpf.VlanTagPresent:
                    a = vlanTag.HasValue ? 1u : 0;
                    break;
                case ClassicBpf.LoadWord when k == ClassicBpf.VlanTag:
                    a = vlanTag ?? 0u;
                    break;
                case ClassicBpf.LoadWord:
                    if (k + 4 > frame.Length)
                        return 0;
                    a = BinaryPrimitives.ReadUInt32BigEndian(frame[(int)k..]);
                    break;
                case ClassicBpf.LoadHalf or ClassicBpf.LoadHalfIndexed:
                    uint offset = instruction.Code == ClassicBpf.LoadHalfIndexed ? k + x : k;
                    if (offset + 2 > frame.Length)
                        return 0;
                    a = BinaryPrimitives.ReadUInt16BigEndian(frame[(int)offset..]);
                    break;
                case ClassicBpf.LoadByte or ClassicBpf.LoadByteIndexed:
                    uint byteAt = instruction.Code == ClassicBpf.LoadByteIndexed ? k + x : k;
                    if (byteAt >= frame.Length)
                        return 0;
                    a = frame[(int)byteAt];
                    break;
                case ClassicBpf.LoadHeaderLength:
                    if (k >= frame.Length)
                        return 0;
                    x = 4u * (frame[(int)k] & 15u);
                    break;
                case ClassicBpf.LoadIndex:
                    x = k;
                    break;
                case ClassicBpf.Jump:
                    at += (int)k;
                    break;
                case ClassicBpf.JumpEqual:
                    at += a == k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case ClassicBpf.JumpGreater:
                    at += a > k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case ClassicBpf.JumpGreaterOrEqual:
                    at += a >= k ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case ClassicBpf.JumpAnyBit:
                    at += (a & k) != 0 ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
                case ClassicBpf.Return:
                    return k;
                default:
                    throw new InvalidOperationException($"opcode {instruction.Code:x}");
            }
        }
    }
}
