using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Director.Dataplane.Linux;

/// <summary>Gives a file to a group of /etc/group.</summary>
public static partial class FileOwner
{
    private const uint Unchanged = uint.MaxValue;

    /// <param name="path">Must exist.</param>
    /// <param name="group">By name.</param>
    /// <param name="why">Why not: there is no such group, or we may not.</param>
    public static bool TrySetGroup(string path, string group, out string? why)
    {
        why = null;
        if (FindGroup(group) is not { } id)
            why = $"there is no group {group}";
        else if (ChangeOwner(path, Unchanged, id) != 0)
            why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
        return why is null;
    }

    // name:password:number:members (group(5)).
    private static uint? FindGroup(string name)
    {
        if (!File.Exists("/etc/group"))
            return null;
        foreach (string line in File.ReadLines("/etc/group", Encoding.UTF8))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 3 && fields[0] == name && uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out uint id))
                return id;
        }
        return null;
    }

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint owner, uint group);
}
