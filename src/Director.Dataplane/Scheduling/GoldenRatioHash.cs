namespace Director.Dataplane.Scheduling;

/// <summary>The hash of dh and sh: the kernel's hash_32, a multiplication of which the upper bits count (Knuth 6.4), to 256 buckets.</summary>
internal static class GoldenRatioHash
{
    public const int Buckets = 256;

    private const uint GoldenRatio = 0x61C88647;

    public static int BucketOf(uint key, int offset) => ((int)(key * GoldenRatio >> 24) + offset) % Buckets;
}
