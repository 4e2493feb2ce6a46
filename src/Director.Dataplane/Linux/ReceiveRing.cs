using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Ingress;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// The frames that arrive at one interface, in memory shared with the kernel (packet_mmap, TPACKET_V2: version 3 hands blocks
/// over by a timer of at least 1 ms). Frames are taken in order, used in place, and their slots go back all at once.
/// One thread uses it.
/// </summary>
internal sealed unsafe class ReceiveRing : IDisposable
{
    // A slot holds a 64 KiB offloaded frame. An odd number of cache lines, so that the slots' first lines, which are all that a
    // small frame touches, do not fall on the same cache sets.
    private const int SlotSize = 1091 * 64;

    // The kernel rounds blocks up to a power of two of pages: 15 slots waste 0.1 % of 1 MiB.
    private const int SlotsPerBlock = 15;
    private const int BlockSize = 1 << 20;

    /// <summary>Free bytes before the offload header: room for an outer header. 70 puts the IP header on a 16-byte boundary.</summary>
    public const int Headroom = 70;

    private const int VlanIdentifier = 0x0FFF; // 0 with a tag: only priority, not a VLAN (IEEE 802.1Q section 9.6)

    private readonly int _descriptor;
    private readonly byte* _memory;
    private readonly ulong _size;
    private readonly int _slots;
    private int _next; // the slot that the kernel fills next, as we see it
    private int _held; // slots before it that were received and not released

    public ReceiveRing(int interfaceIndex, string name, int slots, ReadOnlySpan<BpfInstruction> filter)
    {
        int blocks = (slots + SlotsPerBlock - 1) / SlotsPerBlock;
        _slots = blocks * SlotsPerBlock;
        _size = (ulong)blocks * BlockSize;
        // Protocol 0: nothing is received before the bind below, when filter and ring are in place.
        _descriptor = SystemError.Check(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), $"interface {name}: no packet socket");
        try
        {
            SetOption(PACKET_VERSION, Native.PacketVersion2);
            SetOption(PACKET_RESERVE, Headroom);
            SetOption(PACKET_VNET_HDR, 1);
            SetOption(PACKET_IGNORE_OUTGOING, 1);
            SetFilter(filter);
            var request = new RingRequest
            {
                BlockSize = BlockSize,
                BlockCount = (uint)blocks,
                FrameSize = SlotSize,
                FrameCount = (uint)_slots,
            };
            SystemError.Check(setsockopt(_descriptor, SOL_PACKET, PACKET_RX_RING, &request, sizeof(RingRequest)),
                $"interface {name}: no receive ring of {blocks} MiB");
            void* memory = mmap(null, (size_t)_size, PROT_READ | PROT_WRITE, MAP_SHARED, _descriptor, 0);
            if (memory == MAP_FAILED)
                throw SystemError.Exception($"interface {name}: cannot map its receive ring");
            _memory = (byte*)memory;
            PacketInterface.Bind(_descriptor, interfaceIndex, Native.EtherTypeAll, name);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int Descriptor => _descriptor;

    /// <summary>Frames received since the last <see cref="ReleaseAll"/>.</summary>
    public int Held => _held;

    public bool HasFrames => _held < _slots && (Volatile.Read(ref Slot(_next)->Status) & Native.StatusUser) != 0;

    /// <summary>Frames that did not fit a slot (BIG TCP sends more than 64 KiB); they are skipped.</summary>
    public long Oversized { get; private set; }

    public bool TryReceive(out ReceivedFrame frame)
    {
        while (_held < _slots)
        {
            SlotHeader* slot = Slot(_next);
            uint status = Volatile.Read(ref slot->Status); // acquire: the frame's bytes are there
            if ((status & Native.StatusUser) == 0)
                break;
            _next = _next + 1 == _slots ? 0 : _next + 1;
            _held++;
            if (slot->SnapshotLength != slot->Length)
            {
                Oversized++;
                continue;
            }
            // The kernel keeps MacOffset + SnapshotLength within the slot, and the offload header directly before MacOffset.
            byte* start = (byte*)slot + slot->MacOffset - PacketInterface.OffloadLength;
            frame = new ReceivedFrame(
                new Span<byte>(start, (int)slot->SnapshotLength + PacketInterface.OffloadLength),
                (status & Native.StatusVlanValid) != 0 && (slot->VlanTag & VlanIdentifier) != 0);
            return true;
        }
        frame = default;
        return false;
    }

    /// <summary>Hands every slot received so far back to the kernel.</summary>
    public void ReleaseAll()
    {
        int at = _next - _held;
        if (at < 0)
            at += _slots;
        for (; _held > 0; _held--)
        {
            Volatile.Write(ref Slot(at)->Status, Native.StatusKernel); // release: we are done with the bytes
            at = at + 1 == _slots ? 0 : at + 1;
        }
    }

    /// <summary>Replaces the filter at once: each frame sees the old or the new one.</summary>
    public void SetFilter(ReadOnlySpan<BpfInstruction> filter)
    {
        fixed (BpfInstruction* instructions = filter)
        {
            var program = new FilterProgram { Length = (ushort)filter.Length, Instructions = instructions };
            if (setsockopt(_descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(FilterProgram)) >= 0)
                return;
        }
        int errno = Marshal.GetLastPInvokeError();
        throw errno == ENOMEM
            ? new EngineException($"a packet filter of {filter.Length} instructions is over the kernel's limit: raise net.core.optmem_max")
            : SystemError.Exception("the kernel refused the packet filter", errno);
    }

    /// <summary>Frames that the kernel dropped because the ring was full, since the last call.</summary>
    public uint TakeDrops()
    {
        RingStatistics statistics = default;
        socklen_t length = sizeof(RingStatistics);
        return getsockopt(_descriptor, SOL_PACKET, PACKET_STATISTICS, &statistics, &length) < 0 ? 0 : statistics.Drops;
    }

    public void Dispose()
    {
        if (_memory != null)
            _ = munmap(_memory, (size_t)_size);
        _ = close(_descriptor);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SlotHeader* Slot(int index)
    {
        int block = (int)((uint)index / SlotsPerBlock);
        return (SlotHeader*)(_memory + (nuint)block * BlockSize + (nuint)(index - block * SlotsPerBlock) * SlotSize);
    }

    private void SetOption(int option, int value) =>
        SystemError.Check(setsockopt(_descriptor, SOL_PACKET, option, &value, sizeof(int)), $"packet socket option {option}");
}
