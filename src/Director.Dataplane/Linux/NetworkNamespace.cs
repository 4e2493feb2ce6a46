using System.Globalization;
using Director.Dataplane.Control;

namespace Director.Dataplane.Linux;

/// <summary>Which network namespace this thread is in: two processes share one if the numbers are the same.</summary>
public static class NetworkNamespace
{
    public static ulong Inode
    {
        get
        {
            // "net:[4026531840]"
            string? name = File.ResolveLinkTarget("/proc/thread-self/ns/net", returnFinalTarget: false)?.Name;
            int start = name?.IndexOf('[', StringComparison.Ordinal) ?? -1;
            return start >= 0
                ? ulong.Parse(name.AsSpan(start + 1, name!.Length - start - 2), NumberStyles.None, CultureInfo.InvariantCulture)
                : throw new EngineException("the kernel does not tell the network namespace: /proc is not mounted");
        }
    }
}
