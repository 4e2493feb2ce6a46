namespace Director.Cli;

/// <summary>
/// One binary, two programs: which one is said by the name that it was called by (argv[0]), through symbolic links, copies and
/// bind mounts. NOTE: Environment.ProcessPath is no use here, it is the link's target.
/// </summary>
internal static class ProgramName
{
    public static string AsCalled() => Environment.GetCommandLineArgs()[0];

    public static bool IsIpvsadm(string program) => Path.GetFileName(program) == "ipvsadm";
}
