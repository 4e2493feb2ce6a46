using System.Globalization;

namespace Director.Dataplane.Control;

/// <summary>
/// One end of the control socket. A directord adopts an engine only of its own director name and network namespace: another
/// one would forward other traffic than asked for.
/// </summary>
/// <param name="Name"><c>director.name</c>.</param>
/// <param name="Version">Product version.</param>
/// <param name="ProcessId">As the process itself knows it.</param>
/// <param name="NetworkNamespace">Inode of its network namespace; 0 where the kernel does not say.</param>
public sealed record EngineIdentity(string Name, string Version, int ProcessId, ulong NetworkNamespace)
{
    /// <summary>Of this process.</summary>
    public static EngineIdentity Current(string name) =>
        new(name, ProductVersion, Environment.ProcessId, CurrentNetworkNamespace());

    /// <summary>Of this build; engine and directord of one release have the same.</summary>
    public static string ProductVersion => typeof(EngineIdentity).Assembly.GetName().Version?.ToString(3) ?? "0";

    // "net:[4026531840]" (namespaces(7)).
    private static ulong CurrentNetworkNamespace()
    {
        string? link = new FileInfo("/proc/self/ns/net").LinkTarget;
        return link is ['n', 'e', 't', ':', '[', .. string number, ']']
            && ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode) ? inode : 0;
    }
}
