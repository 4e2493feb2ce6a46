using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// What makes a process an engine that neither its parent's end, nor memory pressure, nor paging stops. Each step returns null or
/// why it failed: better with it, but the engine works without.
/// </summary>
public static unsafe class ProcessSetup
{
    /// <summary>A session of its own: signals to the parent's terminal or group do not reach it.</summary>
    public static string? Detach() =>
        (int)setsid() >= 0 || Marshal.GetLastPInvokeError() == EPERM // EPERM: it leads its group already
            ? null
            : Failure("no session of its own");

    /// <summary>Pages stay in memory once they were touched, now and later ones.</summary>
    public static string? LockMemory() =>
        mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) >= 0 ? null : Failure("memory is not locked (CAP_IPC_LOCK or LimitMEMLOCK=infinity)");

    /// <summary>The out-of-memory killer takes anything else first.</summary>
    public static string? AvoidMemoryKiller()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "-1000");
            return null;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            return $"the out-of-memory killer may choose the engine (CAP_SYS_RESOURCE or OOMScoreAdjust=-1000): {error.Message}";
        }
    }

    /// <summary>Binds the calling thread to one processor.</summary>
    public static string? PinThread(int processor)
    {
        var set = default(cpu_set_t);
        CPU_SET(processor, &set);
        return sched_setaffinity(0, sizeof(cpu_set_t), &set) >= 0 ? null : Failure($"the thread is not bound to processor {processor}");
    }

    /// <summary>Standard output and error go to the end of a file; standard input comes from nowhere.</summary>
    public static string? RedirectOutput(string path)
    {
        int log = Open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC);
        if (log < 0)
            return Failure($"cannot write to {path}");
        _ = dup2(log, STDOUT_FILENO);
        _ = dup2(log, STDERR_FILENO);
        _ = close(log);
        int nothing = Open("/dev/null", O_RDONLY | O_CLOEXEC);
        _ = dup2(nothing, STDIN_FILENO);
        _ = close(nothing);
        return null;
    }

    private static int Open(string path, int flags)
    {
        const int ownerWritesGroupReads = 0x1A0; // 0640
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
            return open(bytes, flags, ownerWritesGroupReads);
    }

    private static string Failure(string what) => $"{what}: {Marshal.GetLastPInvokeErrorMessage()}";
}
