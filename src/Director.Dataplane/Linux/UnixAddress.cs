using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>Socket paths as the kernel wants them.</summary>
internal static unsafe class UnixAddress
{
    /// <summary>sun_path has 108 bytes, the last a zero.</summary>
    public const int LongestPath = 107;

    public static int Socket()
    {
        int socket = LibC.socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return socket >= 0 ? socket : throw new EngineException($"no socket to be had: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    public static sockaddr_un Of(string path)
    {
        int length = Encoding.UTF8.GetByteCount(path);
        if (length is 0 or > LongestPath)
        {
            throw new EngineException($"socket path {path} has {length} bytes; a Unix socket's path can have {LongestPath}: "
                + "choose a shorter engine.socket or data-directory");
        }
        sockaddr_un address = default;
        address.sun_family = AF_UNIX;
        // Invariant: length was checked against the array of 108 bytes.
        Encoding.UTF8.GetBytes(path, new Span<byte>(address.sun_path, LongestPath));
        return address;
    }
}
