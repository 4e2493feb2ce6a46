using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>What makes the engine a process that stands by itself: it outlives the one that started it, and stays in memory.</summary>
public static unsafe class EngineProcess
{
    /// <summary>
    /// Leaves the session, and with it the terminal, of the process that started us, and its pipes too: a reader waiting for
    /// their end must not have to wait for the engine. Output goes to <paramref name="logFile"/>; without one, where it went.
    /// </summary>
    public static void Detach(string? logFile)
    {
        // Fails for a process group leader (started by a shell or by systemd): that one has what it needs already.
        _ = setsid();
        Environment.CurrentDirectory = "/";
        Redirect("/dev/null", O_RDONLY, 0);
        if (logFile is null)
            return;
        Redirect(logFile, O_WRONLY | O_CREAT | O_APPEND, 1);
        _ = dup2(1, 2);
    }

    /// <summary>Best effort; tells what could not be had.</summary>
    public static IEnumerable<string> StayInMemory()
    {
        // ONFAULT: the garbage collector reserves far more address space than it will ever touch.
        if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0)
        {
            yield return $"memory is not locked ({Marshal.GetPInvokeErrorMessage(errno)}): "
                + "without CAP_IPC_LOCK packets may wait for pages that were swapped out";
        }
        if (!TryProtectFromOutOfMemory())
            yield return "the OOM killer may choose the engine: lowering oom_score_adj takes CAP_SYS_RESOURCE";
    }

    private static bool TryProtectFromOutOfMemory()
    {
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "-900");
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Redirect(string path, int flags, int descriptor)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        int opened;
        fixed (byte* pointer = name)
            opened = open(pointer, flags | O_CLOEXEC, 0x1A0); // 0640
        if (opened < 0)
            throw new EngineException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(errno)}");
        // dup2 gives a descriptor that stays open over exec, as the standard ones should.
        _ = dup2(opened, descriptor);
        _ = close(opened);
    }
}
