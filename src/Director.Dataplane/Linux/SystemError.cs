using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>Turns errno into a sentence that says what to do.</summary>
internal static class SystemError
{
    /// <summary>The last call's errno, in words.</summary>
    public static EngineException Exception(string what) => Exception(what, Marshal.GetLastPInvokeError());

    public static EngineException Exception(string what, int errno)
    {
        string reason = Marshal.GetPInvokeErrorMessage(errno);
        return new EngineException(Advice(errno) is { } advice ? $"{what}: {reason}; {advice}" : $"{what}: {reason}");
    }

    public static int Check(int result, string what) => result >= 0 ? result : throw Exception(what);

    private static string? Advice(int errno) =>
        errno == EPERM || errno == EACCES ? Capabilities.Advice
        : errno == EMFILE || errno == ENFILE ? "raise the limit of open files (ulimit -n, LimitNOFILE=)"
        : null;
}
