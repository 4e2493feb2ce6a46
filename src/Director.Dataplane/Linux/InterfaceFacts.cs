using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Director.Dataplane.Control;
using Director.Dataplane.Wire;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Linux;

/// <summary>
/// What the kernel says about an interface of this thread's network namespace. Asked by ioctl: sysfs shows the namespace of
/// whoever mounted it, which need not be ours.
/// </summary>
internal static unsafe class InterfaceFacts
{
    /// <exception cref="EngineException">No such interface; names those that there are.</exception>
    public static int Index(string name)
    {
        uint index = name.Length < Native.InterfaceNameSize ? Native.InterfaceIndex(name) : 0;
        return index != 0
            ? (int)index
            : throw new EngineException(
                $"interface {name} does not exist on this host; director.interfaces names it; present: {string.Join(", ", Names())}");
    }

    /// <summary>All but the loopback, sorted.</summary>
    public static string[] Names()
    {
        var names = new List<string>();
        NameIndex* all = Native.InterfaceNames();
        if (all == null)
            return [];
        for (NameIndex* each = all; each->Index != 0; each++) // the kernel ends the list with index 0 and no name
            names.Add(Marshal.PtrToStringUTF8((nint)each->Name)!);
        Native.FreeInterfaceNames(all);
        return [.. names.Where(name => name != "lo").Order(StringComparer.Ordinal)];
    }

    /// <summary>Only Ethernet has MAC addresses to answer with.</summary>
    public static MacAddress Mac(int descriptor, string name)
    {
        const ushort ethernet = 1; // ARPHRD_ETHER
        Request request = Ask(descriptor, name, Native.GetInterfaceAddress);
        Span<byte> address = request.Data; // struct sockaddr: family, then the address
        return MemoryMarshal.Read<ushort>(address) == ethernet
            ? MacAddress.Read(address[2..])
            : throw new EngineException($"interface {name} is not an Ethernet interface; director.interfaces names it");
    }

    public static int Mtu(int descriptor, string name)
    {
        Request request = Ask(descriptor, name, Native.GetInterfaceMtu);
        return MemoryMarshal.Read<int>(request.Data);
    }

    public static ushort Flags(int descriptor, string name)
    {
        Request request = Ask(descriptor, name, Native.GetInterfaceFlags);
        return MemoryMarshal.Read<ushort>(request.Data);
    }

    /// <summary>Asked of the driver: the flag "running" follows up to a second later (linkwatch).</summary>
    public static bool HasCarrier(int descriptor, string name)
    {
        uint* answer = stackalloc uint[] { Native.LinkState, 0 }; // struct ethtool_value
        return AskDriver(descriptor, name, answer)
            ? answer[1] != 0
            : (Flags(descriptor, name) & Native.InterfaceRunning) != 0;
    }

    /// <summary>"bridge", "veth", "802.1Q VLAN Support", ...; empty if the driver does not say.</summary>
    public static string Driver(int descriptor, string name)
    {
        const int driverNameOffset = 4; // struct ethtool_drvinfo: command, driver[32], ...
        byte* answer = stackalloc byte[256];
        *(uint*)answer = Native.DriverInfo;
        if (!AskDriver(descriptor, name, answer))
            return "";
        var driver = new ReadOnlySpan<byte>(answer + driverNameOffset, 32);
        return Encoding.UTF8.GetString(driver[..driver.IndexOf((byte)0)]);
    }

    private static bool AskDriver(int descriptor, string name, void* question)
    {
        var request = new Request(name);
        Span<byte> data = request.Data;
        MemoryMarshal.Write(data, (nint)question);
        return ioctl(descriptor, Native.EthernetTool, &request) >= 0;
    }

    private static Request Ask(int descriptor, string name, int what)
    {
        var request = new Request(name);
        SystemError.Check(ioctl(descriptor, what, &request), $"interface {name}");
        return request;
    }

    /// <summary>struct ifreq: the name and a union of 24 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Request
    {
        private NameBytes _name;
        public DataBytes Data;

        public Request(string name) => Encoding.UTF8.GetBytes(name, _name);
    }

    [InlineArray(Native.InterfaceNameSize)]
    private struct NameBytes
    {
        private byte _first;
    }

    [InlineArray(24)]
    private struct DataBytes
    {
        private byte _first;
    }
}
