using System.Text;
using Director.Dataplane.Control;
using Director.Dataplane.Linux.Bpf;
using Director.Dataplane.Linux.Netlink;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// Where the engine receives what the fast path's program has not forwarded by itself: a virtual interface (TAP) to which the program
/// redirects, as if the frame had arrived there, with all that the kernel knows of it (segments, sums left to a card). A receive ring
/// of the engine's is on it. The interface's own ring would see every packet, also those of the fast path, and copy them. It ends with
/// its descriptor; nobody reads or writes that.
/// </summary>
public sealed unsafe class Door : IDisposable
{
    private const int SetInterface = 0x400454ca; // TUNSETIFF
    private const short Tap = 0x0002; // IFF_TAP
    private const short NoInformation = 0x1000; // IFF_NO_PI
    private const int RequestSize = 40; // struct ifreq

    private readonly int _descriptor;
    private readonly int _program;
    private readonly int _link;

    private Door(int descriptor, string name)
    {
        _descriptor = descriptor;
        Name = name;
        _program = _link = -1;
        try
        {
            using NetlinkSocket netlink = new();
            VirtualLinks.Start(netlink, name, "the kernel");
            Index = InterfaceFacts.Index(name);
            // After the ring has seen them, the host has no use for these frames.
            Assembler nothing = new();
            nothing.Exit(Bpf.Programs.SocketBuffer.Drop);
            _program = BpfSystem.Load("director_door", nothing.Assemble());
            _link = BpfSystem.AttachIngress(_program, Index);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Name { get; }

    public int Index { get; }

    /// <param name="group"><c>election.group</c>, by which directors on one host are told apart.</param>
    /// <param name="position">Of the interface behind which it is.</param>
    /// <exception cref="EngineException">The kernel refuses.</exception>
    public static Door Open(byte group, int position)
    {
        string name = $"lvs-door{group}-{position}";
        ReadOnlySpan<byte> path = "/dev/net/tun\0"u8;
        int descriptor;
        fixed (byte* text = path)
            descriptor = SystemError.Check(open(text, O_RDWR | O_CLOEXEC | O_NONBLOCK), "no /dev/net/tun (modprobe tun)");
        byte* request = stackalloc byte[RequestSize];
        new Span<byte>(request, RequestSize).Clear();
        Encoding.ASCII.GetBytes(name, new Span<byte>(request, Native.InterfaceNameSize));
        *(short*)(request + Native.InterfaceNameSize) = Tap | NoInformation;
        if (ioctl(descriptor, SetInterface, request) < 0)
        {
            EngineException refused = SystemError.Exception($"the kernel refuses the interface {name} (TAP)");
            _ = close(descriptor);
            throw refused;
        }
        return new Door(descriptor, name);
    }

    public void Dispose()
    {
        if (_link >= 0)
            _ = close(_link);
        if (_program >= 0)
            _ = close(_program);
        _ = close(_descriptor);
    }
}
