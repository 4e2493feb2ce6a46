using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>Who holds the other end of a Unix socket, as the kernel knows it (SO_PEERCRED).</summary>
public readonly record struct PeerCredentials(int ProcessId, uint User)
{
    /// <summary>Root or the same user: nobody else may control an engine, or be taken for one.</summary>
    public bool IsTrusted => User == 0 || User == (uint)geteuid();
}

/// <summary>What became of a read or write that does not wait.</summary>
public enum ChannelOutcome
{
    Done,
    WouldBlock,
    /// <summary>The other end closed, or the connection broke.</summary>
    Closed,
}

/// <summary>
/// A connected Unix stream socket that never blocks and can carry descriptors (SCM_RIGHTS). A stream, not SEQPACKET: a
/// SEQPACKET message must fit the socket's send buffer (208 KB by default, net.core.wmem_max), a forwarding table need not.
/// </summary>
public sealed unsafe class UnixChannel : IDisposable
{
    /// <summary>Most descriptors that one message may carry here (the kernel's SCM_MAX_FD is 253).</summary>
    public const int MaximumDescriptors = 16;

    private const int ControlSize = 16 + (MaximumDescriptors * sizeof(int)); // CMSG_SPACE

    private readonly SafeFileHandle _socket;

    internal UnixChannel(int socket)
    {
        _socket = new SafeFileHandle(socket, ownsHandle: true);
    }

    /// <summary>For poll; not to be closed.</summary>
    public int Descriptor => (int)_socket.DangerousGetHandle();

    public static bool IsNobody(int error) => error == ENOENT || error == ECONNREFUSED || error == ENOTDIR;

    public static bool IsForbidden(int error) => error == EACCES || error == EPERM;

    /// <returns>Null with the errno in <paramref name="error"/> if nobody accepts there.</returns>
    public static UnixChannel? Connect(string path, out int error)
    {
        UnixChannel channel = new(UnixAddress.Socket());
        sockaddr_un address = UnixAddress.Of(path);
        error = connect(channel.Descriptor, (sockaddr*)&address, sizeof(sockaddr_un)) == 0 ? 0 : errno;
        if (error == 0)
            return channel;
        channel.Dispose();
        return null;
    }

    /// <summary>At the connecting end: of the process that called listen.</summary>
    public PeerCredentials Peer()
    {
        ucred credentials = default;
        socklen_t length = sizeof(ucred);
        return getsockopt(Descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0
            ? new PeerCredentials(credentials.pid, credentials.uid)
            : new PeerCredentials(0, uint.MaxValue);
    }

    /// <summary>Sends what fits now. The descriptors travel with the first byte; they stay open here.</summary>
    public ChannelOutcome Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors, out int sent)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        byte* control = stackalloc byte[ControlSize];
        new Span<byte>(control, ControlSize).Clear();
        // Invariant: the iovec and the control buffer live on this frame or are pinned until sendmsg has returned.
        fixed (byte* pointer = bytes)
        {
            iovec vector = new() { iov_base = pointer, iov_len = (uint)bytes.Length };
            msghdr message = default;
            message.msg_iov = &vector;
            message.msg_iovlen = 1;
            if (!descriptors.IsEmpty)
            {
                message.msg_control = control;
                message.msg_controllen = CMSG_SPACE(descriptors.Length * sizeof(int));
                cmsghdr* header = CMSG_FIRSTHDR(&message);
                header->cmsg_level = SOL_SOCKET;
                header->cmsg_type = SCM_RIGHTS;
                header->cmsg_len = CMSG_LEN(descriptors.Length * sizeof(int));
                descriptors.CopyTo(new Span<int>(CMSG_DATA(header), descriptors.Length));
            }
            return Outcome(sendmsg(Descriptor, &message, MSG_DONTWAIT | MSG_NOSIGNAL), out sent);
        }
    }

    /// <summary>Receives what is there; descriptors that came along are put into <paramref name="descriptors"/>, close-on-exec.</summary>
    public ChannelOutcome Receive(Span<byte> bytes, Queue<SafeFileHandle> descriptors, out int received)
    {
        byte* control = stackalloc byte[ControlSize];
        // Invariant: as in Send.
        fixed (byte* pointer = bytes)
        {
            iovec vector = new() { iov_base = pointer, iov_len = (uint)bytes.Length };
            msghdr message = default;
            message.msg_iov = &vector;
            message.msg_iovlen = 1;
            message.msg_control = control;
            message.msg_controllen = ControlSize;
            ChannelOutcome outcome = Outcome(recvmsg(Descriptor, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC), out received);
            if (outcome == ChannelOutcome.Done)
                TakeDescriptors(&message, descriptors);
            // A stream that ended reads as zero bytes.
            return outcome == ChannelOutcome.Done && received == 0 ? ChannelOutcome.Closed : outcome;
        }
    }

    /// <summary>The peer reads what was sent and then the end, even while a process that is just being started still has a copy.</summary>
    public void Dispose()
    {
        if (_socket.IsClosed)
            return;
        _ = shutdown(Descriptor, SHUT_RDWR);
        _socket.Dispose();
    }

    private static void TakeDescriptors(msghdr* message, Queue<SafeFileHandle> descriptors)
    {
        for (cmsghdr* header = CMSG_FIRSTHDR(message); header != null; header = CMSG_NXTHDR(message, header))
        {
            if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
                continue;
            // Invariant: the kernel wrote cmsg_len and whole ints; one that did not fit (MSG_CTRUNC) it has closed itself.
            int count = ((int)(uint)header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            int* first = (int*)CMSG_DATA(header);
            for (int i = 0; i < count; i++)
                descriptors.Enqueue(new SafeFileHandle(first[i], ownsHandle: true));
        }
    }

    private static ChannelOutcome Outcome(ssize_t result, out int count)
    {
        count = (int)Math.Max(0, (long)result);
        if ((long)result >= 0)
            return ChannelOutcome.Done;
        int error = errno;
        return error == EAGAIN || error == EINTR ? ChannelOutcome.WouldBlock : ChannelOutcome.Closed;
    }
}
