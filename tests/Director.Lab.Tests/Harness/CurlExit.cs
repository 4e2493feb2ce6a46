namespace Director.Lab.Tests.Harness;

/// <summary>Exit codes of curl that tell how a connection failed.</summary>
internal static class CurlExit
{
    /// <summary>A reset, or an ICMP error.</summary>
    public const int Refused = 7;

    /// <summary>Silence.</summary>
    public const int TimedOut = 28;
}
