using System.Numerics;

namespace Director.Dataplane.Scheduling;

/// <summary>
/// SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012) of one 32-bit word, the lower half of the result:
/// the kernel's hsiphash on 64-bit machines. mh uses the same word for both halves of the key.
/// </summary>
internal static class SipHash
{
    public static uint Of(uint word, ulong key)
    {
        // The word in the lower bytes of the only block, the length of the input (4) in the highest.
        ulong block = 4UL << 56 | word;
        State state = new(key, key);
        state.V3 ^= block;
        state.Round();
        state.V0 ^= block;
        state.V2 ^= 0xFF;
        state.Round();
        state.Round();
        state.Round();
        return (uint)(state.V0 ^ state.V1 ^ state.V2 ^ state.V3);
    }

    private struct State(ulong key0, ulong key1)
    {
        public ulong V0 = key0 ^ 0x736F6D6570736575;
        public ulong V1 = key1 ^ 0x646F72616E646F6D;
        public ulong V2 = key0 ^ 0x6C7967656E657261;
        public ulong V3 = key1 ^ 0x7465646279746573;

        public void Round()
        {
            V0 += V1;
            V1 = BitOperations.RotateLeft(V1, 13) ^ V0;
            V0 = BitOperations.RotateLeft(V0, 32);
            V2 += V3;
            V3 = BitOperations.RotateLeft(V3, 16) ^ V2;
            V0 += V3;
            V3 = BitOperations.RotateLeft(V3, 21) ^ V0;
            V2 += V1;
            V1 = BitOperations.RotateLeft(V1, 17) ^ V2;
            V2 = BitOperations.RotateLeft(V2, 32);
        }
    }
}
