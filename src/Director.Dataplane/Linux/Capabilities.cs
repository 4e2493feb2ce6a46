using System.Globalization;
using Director.Dataplane.Control;

namespace Director.Dataplane.Linux;

/// <summary>The privileges of this thread, as the kernel sees them (capabilities(7)): being root is neither needed nor enough.</summary>
public static class Capabilities
{
    internal const string Advice =
        "the engine needs CAP_NET_RAW and CAP_NET_ADMIN: run it as root, or give them with AmbientCapabilities= in the unit or "
        + "setcap cap_net_raw,cap_net_admin+ep on director-engine (in a container: --cap-add NET_RAW --cap-add NET_ADMIN)";

    // linux/capability.h. What the engine cannot do without; locked memory and priority are only better with theirs.
    private static readonly (int Bit, string Name)[] Required = [(12, "CAP_NET_ADMIN"), (13, "CAP_NET_RAW")];

    /// <summary>Names of the required capabilities that this process lacks; empty: all there.</summary>
    public static string[] Missing() => Missing(File.ReadAllText("/proc/thread-self/status"));

    /// <exception cref="EngineException">Which are missing and how to give them.</exception>
    public static void Require()
    {
        string[] missing = Missing();
        if (missing.Length > 0)
            throw new EngineException($"missing {string.Join(" and ", missing)}: {Advice}");
    }

    internal static string[] Missing(string status)
    {
        const string label = "CapEff:";
        int at = status.IndexOf(label, StringComparison.Ordinal);
        ReadOnlySpan<char> rest = status.AsSpan(at + label.Length);
        ulong effective = ulong.Parse(rest[..rest.IndexOf('\n')].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return [.. from capability in Required where (effective >> capability.Bit & 1) == 0 select capability.Name];
    }
}
