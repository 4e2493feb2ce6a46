namespace Director.Cli.Ipvsadm;

/// <summary>Exit codes of ipvsadm 1.31.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A listing of a service that is not there.</summary>
    public const int NotListed = 1;

    /// <summary>An argument makes no sense, or nobody is there to take the command.</summary>
    public const int Usage = 2;

    /// <summary>The director (there: the kernel) or popt refused; ipvsadm's -1.</summary>
    public const int Refused = 255;
}
