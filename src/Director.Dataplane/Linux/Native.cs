using System.Runtime.InteropServices;
using Tmds.Linux;

namespace Director.Dataplane.Linux;

/// <summary>What Tmds.LibC lacks. Numbers are of the kernel's ABI and the same on every architecture supported here.</summary>
internal static unsafe partial class Native
{
    // <linux/if_packet.h>
    public const int PacketVersion2 = 1;
    public const uint StatusKernel = 0;
    public const uint StatusUser = 1;
    public const uint StatusVlanValid = 1 << 4;
    public const ushort EtherTypeAll = 0x0003;

    // <linux/sockios.h>, <linux/if.h>
    public const int GetInterfaceFlags = 0x8913;
    public const int GetInterfaceMtu = 0x8921;
    public const int GetInterfaceAddress = 0x8927;
    public const int EthernetTool = 0x8946;
    public const uint DriverInfo = 0x00000003;
    public const uint LinkState = 0x0000000a;
    public const int InterfaceNameSize = 16;
    public const ushort InterfaceUp = 0x1;
    public const ushort InterfaceRunning = 0x40;

    public const int ClockBootTime = 7;

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMessages(int descriptor, mmsghdr* messages, uint count, int flags);

    /// <summary>syscall(2), for bpf(2), which has no function in the C library.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    public static partial nint Bpf(nint number, int command, void* attribute, uint size);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition] // answered by the vDSO, without a system call
    public static partial int ReadClock(int clock, timespec* time);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    public static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "if_nameindex", SetLastError = true)]
    public static partial NameIndex* InterfaceNames();

    [LibraryImport("libc", EntryPoint = "if_freenameindex")]
    public static partial void FreeInterfaceNames(NameIndex* names);
}

/// <summary>struct if_nameindex.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NameIndex
{
    public uint Index;
    public byte* Name;
}

/// <summary>struct tpacket_req.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingRequest
{
    public uint BlockSize;
    public uint BlockCount;
    public uint FrameSize;
    public uint FrameCount;
}

/// <summary>struct tpacket2_hdr: at the start of every slot of the ring.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlotHeader
{
    public uint Status;
    public uint Length;
    public uint SnapshotLength;
    public ushort MacOffset;
    public ushort NetworkOffset;
    public uint Seconds;
    public uint Nanoseconds;
    public ushort VlanTag;
    public ushort VlanProtocol;
    public uint Padding;
}

/// <summary>struct sock_fprog.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FilterProgram
{
    public ushort Length;
    public void* Instructions;
}

/// <summary>struct tpacket_stats.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RingStatistics
{
    public uint Packets;
    public uint Drops;
}
