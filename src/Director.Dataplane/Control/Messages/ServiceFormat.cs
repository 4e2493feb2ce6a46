using System.Net.Sockets;
using System.Runtime.InteropServices;
using Director.Model;

namespace Director.Dataplane.Control.Messages;

/// <summary>Virtual services, real servers and their keys, field by field.</summary>
public static class ServiceFormat
{
    public const int SmallestKey = 6;
    public const int SmallestService = SmallestKey + 15;
    private const int SmallestServer = 26;

    private const byte MarkFour = 4;
    private const byte MarkSix = 6;

    /// <summary>Protocol, address and port; or protocol 0, the family (4 or 6) and the mark.</summary>
    public static void WriteKey(FrameWriter writer, ServiceKey key)
    {
        writer.Byte((byte)key.Protocol);
        if (key.IsFirewallMark)
        {
            writer.Byte(key.Family == AddressFamily.InterNetworkV6 ? MarkSix : MarkFour);
            writer.UInt32(key.Mark);
        }
        else
        {
            writer.Address(key.Address);
            writer.UInt16(key.Port);
        }
    }

    public static ServiceKey ReadKey(ref FrameReader reader)
    {
        TransportProtocol protocol = ReadProtocol(ref reader);
        if (protocol != TransportProtocol.None)
            return ServiceKey.ForAddress(protocol, reader.Address(), reader.UInt16());
        byte family = reader.Byte();
        if (family is not (MarkFour or MarkSix))
            reader.Break($"{family} is no address family of a firewall mark");
        return ServiceKey.ForMark(reader.UInt32(), family == MarkSix ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork);
    }

    /// <summary>Null is every service.</summary>
    public static void WriteOptionalKey(FrameWriter writer, ServiceKey? key)
    {
        writer.Bool(key is not null);
        if (key is not null)
            WriteKey(writer, key);
    }

    public static ServiceKey? ReadOptionalKey(ref FrameReader reader) => reader.Bool() ? ReadKey(ref reader) : null;

    public static TransportProtocol ReadProtocol(ref FrameReader reader)
    {
        TransportProtocol protocol = (TransportProtocol)reader.Byte();
        if (protocol is not (TransportProtocol.None or TransportProtocol.Tcp or TransportProtocol.Udp or TransportProtocol.Sctp))
            reader.Break($"protocol {(byte)protocol} cannot be balanced");
        return protocol;
    }

    public static void WriteService(FrameWriter writer, VirtualService service)
    {
        WriteKey(writer, service.Key);
        writer.Text(service.Scheduler);
        writer.UInt16((ushort)service.Flags);
        writer.UInt32(service.PersistenceTimeout);
        writer.OptionalAddress(service.PersistenceNetmask);
        writer.Byte(service.PrefixLength);
        writer.OptionalText(service.PersistenceEngine);
        writer.Count(service.Servers.Length);
        foreach (RealServer server in service.Servers)
            WriteServer(writer, server);
    }

    public static VirtualService ReadService(ref FrameReader reader) => new()
    {
        Key = ReadKey(ref reader),
        Scheduler = reader.Text(),
        Flags = (ServiceFlags)reader.UInt16(),
        PersistenceTimeout = reader.UInt32(),
        PersistenceNetmask = reader.OptionalAddress(),
        PrefixLength = reader.Byte(),
        PersistenceEngine = reader.OptionalText(),
        Servers = ImmutableCollectionsMarshal.AsImmutableArray(reader.Array(SmallestServer, ReadServer)),
    };

    private static void WriteServer(FrameWriter writer, RealServer server)
    {
        writer.Address(server.Address);
        writer.UInt16(server.Port);
        writer.Byte((byte)server.Forwarding);
        writer.UInt32((uint)server.Weight);
        writer.UInt32(server.UpperThreshold);
        writer.UInt32(server.LowerThreshold);
        writer.Byte((byte)server.TunnelType);
        writer.UInt16(server.TunnelPort);
        writer.UInt16((ushort)server.TunnelFlags);
        writer.Byte((byte)server.ClientAddress);
    }

    private static RealServer ReadServer(ref FrameReader reader) => new()
    {
        Address = reader.Address(),
        Port = reader.UInt16(),
        Forwarding = ReadForwarding(ref reader),
        Weight = reader.Int31(),
        UpperThreshold = reader.UInt32(),
        LowerThreshold = reader.UInt32(),
        TunnelType = ReadTunnelType(ref reader),
        TunnelPort = reader.UInt16(),
        TunnelFlags = (TunnelFlags)reader.UInt16(),
        ClientAddress = ReadClientAddress(ref reader),
    };

    private static ForwardingMethod ReadForwarding(ref FrameReader reader)
    {
        ForwardingMethod method = (ForwardingMethod)reader.Byte();
        if (!Enum.IsDefined(method))
            reader.Break($"{(byte)method} is no forwarding method");
        return method;
    }

    private static ClientAddress ReadClientAddress(ref FrameReader reader)
    {
        ClientAddress how = (ClientAddress)reader.Byte();
        if (!Enum.IsDefined(how))
            reader.Break($"{(byte)how} is no way to tell the client's address");
        return how;
    }

    private static TunnelType ReadTunnelType(ref FrameReader reader)
    {
        TunnelType type = (TunnelType)reader.Byte();
        if (!Enum.IsDefined(type))
            reader.Break($"{(byte)type} is no tunnel type");
        return type;
    }
}
