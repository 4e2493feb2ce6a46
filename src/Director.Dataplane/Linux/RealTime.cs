using System.Globalization;
using System.Runtime.InteropServices;

namespace Director.Dataplane.Linux;

/// <summary>Lets threads run before others (sched(7)).</summary>
public static unsafe partial class RealTime
{
    private const int Fifo = 1;
    private const int PriorityOfProcess = 0; // PRIO_PROCESS; of 0: the calling thread, to Linux

    /// <summary>The calling thread, before all that are not of this kind (SCHED_FIFO). False: the system does not allow it.</summary>
    /// <param name="priority">1-99.</param>
    public static bool TryEnter(int priority) => SetScheduler(0, Fifo, &priority) == 0; // struct sched_param is that int

    /// <summary>
    /// The calling thread and those that it starts from now on get a larger share of a busy processor. False: the system does not
    /// allow it.
    /// </summary>
    /// <remarks>Where the kernel groups tasks by session (autogroup, sched(7)), as desktops and plain containers do, the group counts too.</remarks>
    /// <param name="niceness">-20 (most) to 19.</param>
    public static bool TryFavour(int niceness)
    {
        if (SetPriority(PriorityOfProcess, 0, niceness) != 0)
            return false;
        try
        {
            File.WriteAllText("/proc/self/autogroup", niceness.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // No such groups here, or in somebody's service manager's hands.
        }
        return true;
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int process, int policy, int* parameter);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int niceness);
}
