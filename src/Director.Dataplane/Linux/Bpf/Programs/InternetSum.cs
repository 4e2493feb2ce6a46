using static Director.Dataplane.Linux.Bpf.Operation;

namespace Director.Dataplane.Linux.Bpf.Programs;

/// <summary>Sums in one's complement (RFC 1071): carries are added at the low end.</summary>
internal static class InternetSum
{
    /// <summary>The upper 32 bits added to the lower ones.</summary>
    public static void Fold32(Assembler code, Register sum, Register scratch)
    {
        code.Move(scratch, sum);
        code.Do(ShiftRight, scratch, 32);
        code.Do32(Move, sum, sum);
        code.Do(Add, sum, scratch);
    }

    /// <summary>Of at most 32 bits and a carry, to 16.</summary>
    public static void Fold16(Assembler code, Register sum, Register scratch)
    {
        for (int i = 0; i < 3; i++)
        {
            code.Move(scratch, sum);
            code.Do(ShiftRight, scratch, 16);
            code.Do(And, sum, ushort.MaxValue);
            code.Do(Add, sum, scratch);
        }
    }
}
