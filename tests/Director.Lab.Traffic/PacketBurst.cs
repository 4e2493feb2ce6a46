using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Director.Lab.Traffic;

/// <summary>
/// Frames of one length that leave by one system call: what a frame costs its sender by itself is a multiple of what it costs among
/// many, and the sender shares its processors with what is measured.
/// </summary>
internal sealed unsafe partial class PacketBurst : IDisposable
{
    private readonly int _length;
    private readonly byte* _frames;
    private readonly Vector* _vectors;
    private readonly Message* _messages;

    public PacketBurst(int capacity, int length)
    {
        (Capacity, _length) = (capacity, length);
        _frames = (byte*)NativeMemory.AllocZeroed((nuint)(capacity * length));
        _vectors = (Vector*)NativeMemory.AllocZeroed((nuint)(capacity * sizeof(Vector)));
        _messages = (Message*)NativeMemory.AllocZeroed((nuint)(capacity * sizeof(Message)));
        for (int i = 0; i < capacity; i++)
        {
            _vectors[i] = new Vector { Start = _frames + (i * length), Length = (nuint)length };
            _messages[i] = new Message { Vectors = _vectors + i, Count = 1 };
        }
    }

    public int Capacity { get; }

    public Span<byte> this[int frame] => frame < Capacity
        ? new Span<byte>(_frames + (frame * _length), _length)
        : throw new ArgumentOutOfRangeException(nameof(frame));

    /// <summary>Sends the first <paramref name="count"/>, all of them.</summary>
    public void Send(int descriptor, int count)
    {
        for (int sent = 0; sent < Math.Min(count, Capacity);)
        {
            // Invariant: messages, vectors and frames are native memory of ours, in place until Dispose.
            int more = SendMany(descriptor, _messages + sent, (uint)(count - sent), 0);
            if (more <= 0)
                throw new Win32Exception();
            sent += more;
        }
    }

    public void Dispose()
    {
        NativeMemory.Free(_messages);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_frames);
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(int descriptor, Message* messages, uint count, int flags);

    // struct iovec
    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public byte* Start;
        public nuint Length;
    }

    // struct mmsghdr
    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Vector* Vectors;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public nint Flags; // an int, and what makes struct msghdr's length a multiple of 8
        public uint Sent;
    }
}
