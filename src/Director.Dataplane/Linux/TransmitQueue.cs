using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// Frames on their way out of one interface, sent from where they are: receive rings' slots or the queue's own buffers.
/// One sendmmsg a flush; each frame has its offload header directly before it. One thread uses it.
/// </summary>
internal sealed unsafe class TransmitQueue : IDisposable
{
    private const int Capacity = 256;
    private const int BufferSize = 2048;

    // Twice what can be queued: a buffer comes round again only after the flush that sent it (see Reserve).
    private const int Buffers = 2 * Capacity;

    // Frames that the device has not sent yet are charged to the socket; the default of 208 KiB is three offloaded frames.
    private const int SendBuffer = 16 << 20;

    private const int MostLinear = 256; // any headers: Ethernet, two IP headers with options, TCP with options

    private readonly int _descriptor;
    private readonly mmsghdr* _messages;
    private readonly iovec* _vectors;
    private readonly byte* _buffers;
    private int _queued;
    private int _buffer;
    private int _reserved;
    private TransmitFailures _failures;

    public TransmitQueue(int interfaceIndex, string name)
    {
        // Protocol 0: this socket receives nothing.
        _descriptor = SystemError.Check(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), $"interface {name}: no packet socket");
        _messages = (mmsghdr*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(mmsghdr));
        _vectors = (iovec*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(iovec));
        _buffers = (byte*)NativeMemory.AlignedAlloc(Buffers * BufferSize, 64);
        NativeMemory.Clear(_buffers, Buffers * BufferSize);
        for (int i = 0; i < Capacity; i++)
        {
            _messages[i].msg_hdr = new msghdr { msg_iov = &_vectors[i], msg_iovlen = 1 };
        }
        try
        {
            int on = 1;
            int size = SendBuffer;
            SystemError.Check(setsockopt(_descriptor, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof(int)), $"interface {name}: no offload headers");
            SystemError.Check(setsockopt(_descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(int)), $"interface {name}: no send buffer");
            PacketInterface.Bind(_descriptor, interfaceIndex, 0, name);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Queued => _queued;

    public TransmitFailures Failures => _failures;

    /// <summary>
    /// Queues a frame with its offload header before it. It must lie in a ring's slot, in a buffer of <see cref="Reserve"/> or in
    /// other memory that the garbage collector does not move, and stay there until <see cref="Flush"/>. A full queue flushes first.
    /// </summary>
    public void Queue(Span<byte> offloadAndFrame)
    {
        if (_queued == Capacity)
            Flush();
        // The header length of a received frame is whatever was in one piece there, up to 64 KiB; asking for that again would need
        // as much memory in one piece. The kernel raises it to where the checksum is.
        Span<byte> headerLength = offloadAndFrame.Slice(2, sizeof(ushort));
        if (MemoryMarshal.Read<ushort>(headerLength) > MostLinear)
            MemoryMarshal.Write(headerLength, (ushort)MostLinear);
        ref iovec vector = ref _vectors[_queued++];
        vector.iov_base = Unsafe.AsPointer(ref MemoryMarshal.GetReference(offloadAndFrame));
        vector.iov_len = offloadAndFrame.Length;
    }

    /// <summary>
    /// A buffer for a frame of our own: a zeroed offload header and room for <paramref name="length"/> bytes after it, in one
    /// piece; pass it on to <see cref="Queue"/>, whole or cut short. Empty if <paramref name="length"/> is over 2038.
    /// </summary>
    public Span<byte> Reserve(int length)
    {
        if ((uint)length > BufferSize - PacketInterface.OffloadLength)
            return default;
        if (_reserved == Capacity)
            Flush();
        _reserved++;
        _buffer = (_buffer + 1) % Buffers;
        var buffer = new Span<byte>(_buffers + _buffer * BufferSize, length + PacketInterface.OffloadLength);
        buffer[..PacketInterface.OffloadLength].Clear();
        return buffer;
    }

    /// <summary>Sends what is queued; a frame that the kernel refuses is counted and left out. Returns how many went out.</summary>
    public int Flush()
    {
        int sent = 0;
        int at = 0;
        while (at < _queued)
        {
            int count = Native.SendMessages(_descriptor, _messages + at, (uint)(_queued - at), MSG_DONTWAIT);
            if (count > 0)
            {
                sent += count;
                at += count;
                continue;
            }
            // The error is that of the first frame: the kernel reports those before it as sent.
            int errno = Marshal.GetLastPInvokeError();
            if (errno == EINTR)
                continue;
            if (errno == EAGAIN)
            {
                _failures.QueueFull += _queued - at; // the socket's budget is used up: none of the rest would pass
                break;
            }
            Count(errno);
            at++;
        }
        _queued = 0;
        _reserved = 0;
        return sent;
    }

    /// <summary>Forgets what is queued.</summary>
    public void Discard()
    {
        _queued = 0;
        _reserved = 0;
    }

    /// <summary>SO_MARK of what is sent from now on.</summary>
    public void Mark(uint mark) =>
        SystemError.Check(setsockopt(_descriptor, SOL_SOCKET, SO_MARK, &mark, sizeof(uint)), "no mark for a packet socket");

    public void Dispose()
    {
        _ = close(_descriptor);
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.AlignedFree(_buffers);
    }

    private void Count(int errno)
    {
        if (errno == ENOBUFS)
            _failures.NoBuffers++;
        else if (errno == EMSGSIZE)
            _failures.TooBig++;
        else if (errno == ENETDOWN || errno == ENXIO || errno == ENODEV)
            _failures.InterfaceDown++;
        else
            _failures.Refused++;
    }
}
