using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Ipvsadm;

/// <summary>What ipvsadm prints when the kernel refuses, for the director's reasons.</summary>
internal static class ErrorTexts
{
    public const string NoSuchService = "No such service";

    public static string Of(CommandResult result) => result.Error switch
    {
        CommandError.ServiceExists => "Service already exists",
        CommandError.NoSuchService => NoSuchService,
        CommandError.ServerExists => "Destination already exists",
        CommandError.NoSuchServer => "No such destination",
        CommandError.ServiceNotDefined => "Service not defined",
        CommandError.UnknownScheduler => "Scheduler or persistence engine not found",
        CommandError.OutOfRange => "Numerical result out of range",
        CommandError.InvalidOperation => "Invalid operation.  Possibly wrong module version, address not unicast, ...",
        CommandError.DaemonRuns => "Daemon has already run",
        CommandError.NoDaemon => "No daemon is running",
        CommandError.NoSuchDevice => "No such device",
        CommandError.NotSupported or CommandError.NotConfigured => WithDetail("Operation not supported", result.Detail),
        _ => WithDetail("Director unavailable, nothing was changed", result.Detail),
    };

    /// <summary>ipvsadm says this when the module is missing or the user is not root.</summary>
    public static string Of(DirectorUnreachableException unreachable) => unreachable.Reason switch
    {
        UnreachableReason.PermissionDenied =>
            "Can't initialize ipvs: Permission denied (you must be root)\n"
            + "Are you sure that IP Virtual Server is built in the kernel or as module?",
        _ => $"Can't initialize ipvs: {unreachable.Message}",
    };

    private static string WithDetail(string text, string? detail) => detail is null ? text : $"{text}: {detail}";
}
