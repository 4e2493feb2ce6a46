using System.Runtime.InteropServices;

namespace Director.Dataplane.Linux;

/// <summary>Lets a thread run before all that are not of this kind (SCHED_FIFO, sched(7)).</summary>
public static unsafe partial class RealTime
{
    private const int Fifo = 1;

    /// <summary>For the calling thread. False: the system does not allow it.</summary>
    /// <param name="priority">1-99.</param>
    public static bool TryEnter(int priority) => SetScheduler(0, Fifo, &priority) == 0; // struct sched_param is that int

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int process, int policy, int* parameter);
}
