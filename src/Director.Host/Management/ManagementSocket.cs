using System.Net.Sockets;
using Director.Dataplane.Linux;
using Director.Host.Life;

namespace Director.Host.Management;

/// <summary>The Unix socket of the management API: whose it is, and who may connect.</summary>
internal static class ManagementSocket
{
    public const string Group = "director";

    /// <summary>A dead director's socket file is removed; a live one's is not ours.</summary>
    /// <exception cref="StartException">Somebody listens there, or something else is at the path.</exception>
    public static void Claim(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (!File.Exists(path))
                return;
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            RemoveStale(path);
            return;
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"management socket {path}: {e.Message}", e);
        }
        throw new StartException($"management socket {path} belongs to a director that is running: stop that one, or give this one another management.socket");
    }

    /// <summary>Only root and the group may connect: who connects may write.</summary>
    public static void Protect(string path, ILogger log)
    {
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        if (!FileOwner.TrySetGroup(path, Group, out string? why))
            log.LogDebug("socket {Path} stays with its group: {Reason}", path, why);
    }

    private static void RemoveStale(string path)
    {
        // A regular file refuses the connection too.
        if (new FileInfo(path) is { Length: > 0 })
            throw new StartException($"management socket {path}: there is a file that is no socket; move it away");
        File.Delete(path);
    }
}
