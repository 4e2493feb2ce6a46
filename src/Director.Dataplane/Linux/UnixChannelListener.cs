using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// Listens at a socket path. The socket is bound to a name beside it, made private, set listening and then renamed into
/// place: the path never names a socket that is open to others or does not answer yet, and a dead process's socket file is
/// replaced in one step.
/// </summary>
public sealed unsafe class UnixChannelListener : IDisposable
{
    private const int Backlog = 16;
    private const int HighDescriptor = 512; // half of what a process may have by default
    private const int DuplicateCloseOnExec = 1030; // F_DUPFD_CLOEXEC

    private readonly int _socket;
    private readonly string _path;
    private readonly (ulong Device, ulong Inode) _file;

    public UnixChannelListener(string path)
    {
        _path = path;
        string beside = $"{path}.{Environment.ProcessId}";
        sockaddr_un address = UnixAddress.Of(beside);
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder))
            throw new EngineException($"cannot make the socket {path}: its folder does not exist");
        _socket = UnixAddress.Socket();
        try
        {
            File.Delete(beside);
            Bind(path, &address);
            if (listen(_socket, Backlog) != 0)
                throw new EngineException($"cannot listen at {path}: {Marshal.GetPInvokeErrorMessage(errno)}");
            _file = FileOf(beside) ?? throw new EngineException($"{beside} vanished while it was made");
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Dispose();
            throw new EngineException($"cannot make the socket {path}: {failure.Message}", failure);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>For poll; not to be closed.</summary>
    public int Descriptor => _socket;

    /// <summary>Whether the path still names this socket: not after its folder was removed or another process took it over.</summary>
    public bool OwnsPath => FileOf(_path) == _file;

    /// <summary>Null when nobody is waiting (any more).</summary>
    public UnixChannel? Accept()
    {
        int accepted = accept4(_socket, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
        return accepted >= 0 ? new UnixChannel(Raise(accepted)) : null;
    }

    // Of a process that is killed, Linux releases the highest descriptor first, and each packet socket takes a while (it waits for
    // an RCU grace period). So whoever is connected here hears of the death at once, not after all of those.
    private static int Raise(int descriptor)
    {
        int raised = fcntl(descriptor, DuplicateCloseOnExec, HighDescriptor);
        if (raised < 0)
            return descriptor;
        _ = close(descriptor);
        return raised;
    }

    public void Dispose()
    {
        if (_file != default && OwnsPath)
            File.Delete(_path);
        _ = close(_socket);
    }

    private void Bind(string path, sockaddr_un* address)
    {
        // The file's mode is 0777 less the umask at bind. The umask is the whole process's: this runs at start, on one thread.
        mode_t before = umask(0x7F); // 0177
        int bound = bind(_socket, (sockaddr*)address, sizeof(sockaddr_un));
        int error = errno;
        _ = umask(before);
        if (bound != 0)
            throw new EngineException($"cannot make the socket {path}: {Marshal.GetPInvokeErrorMessage(error)} (is its folder writable?)");
    }

    private static (ulong Device, ulong Inode)? FileOf(string path)
    {
        byte[] name = Encoding.UTF8.GetBytes(path + '\0');
        statx found = default;
        fixed (byte* pointer = name)
        {
            if (LibC.statx(AT_FDCWD, pointer, AT_SYMLINK_NOFOLLOW, STATX_INO, &found) != 0)
                return null;
        }
        return (((ulong)(uint)found.stx_dev_major << 32) | (uint)found.stx_dev_minor, found.stx_ino);
    }
}
