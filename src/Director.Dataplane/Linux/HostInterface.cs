using System.Net.Sockets;

namespace Director.Dataplane.Linux;

/// <summary>An interface of this host, in the network namespace of this process.</summary>
public static class HostInterface
{
    /// <summary>Bytes; null: there is no interface of this name.</summary>
    public static int? MtuOf(string name)
    {
        if (name.Length is 0 or >= Native.InterfaceNameSize || Native.InterfaceIndex(name) == 0)
            return null;
        using Socket any = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return InterfaceFacts.Mtu((int)any.SafeHandle.DangerousGetHandle(), name);
    }
}
