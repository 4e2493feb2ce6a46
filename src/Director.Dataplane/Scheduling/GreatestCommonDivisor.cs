namespace Director.Dataplane.Scheduling;

/// <summary>Of weights, by which wrr and mh divide them; 0 is divided by every number.</summary>
internal static class GreatestCommonDivisor
{
    public static int Of(int a, int b) => b == 0 ? a : Of(b, a % b);
}
