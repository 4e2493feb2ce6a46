using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Director.Actors.Services;
using Director.Model;

namespace Director.Host.Configuration;

/// <summary>A declared service's persistence: ipvsadm's <c>-p</c>, <c>-M</c> and <c>--pe</c>.</summary>
/// <param name="Timeout">In seconds; 0 is no persistence.</param>
/// <param name="Netmask">Of IPv4; null is 255.255.255.255.</param>
/// <param name="PrefixLength">Of IPv6, 1 to 128.</param>
/// <param name="Engine">Null for none.</param>
internal sealed record PersistenceKeys(uint Timeout, IPAddress? Netmask, byte PrefixLength, string? Engine)
{
    private const string TimeoutKey = "persistence-timeout";
    private const string NetmaskKey = "persistence-netmask";
    private const string EngineKey = "persistence-engine";

    /// <param name="section">The service.</param>
    /// <param name="family">Null if the service's address is not sound: then the netmask cannot be judged.</param>
    public static PersistenceKeys Read(Section section, AddressFamily? family)
    {
        uint timeout = (uint)section.Seconds(TimeoutKey, 0, 1, ServiceRules.LongestPersistence);
        (IPAddress? netmask, byte prefixLength) = ReadNetmask(section, family);
        string engine = section.Choice(EngineKey, "none", "sip");
        if (!section.Has(TimeoutKey))
        {
            // ipvsadm takes them, and they do nothing.
            foreach (string key in (string[])[NetmaskKey, EngineKey])
            {
                if (section.Has(key))
                    section.Wrong(key, $"goes with {TimeoutKey} only");
            }
        }
        return new PersistenceKeys(timeout, netmask, prefixLength, engine == "none" ? null : engine);
    }

    public VirtualService On(VirtualService service) => Timeout == 0 ? service : service with
    {
        Flags = service.Flags | ServiceFlags.Persistent,
        PersistenceTimeout = Timeout,
        PersistenceNetmask = Netmask,
        PrefixLength = PrefixLength,
        PersistenceEngine = Engine,
    };

    private static (IPAddress? Netmask, byte PrefixLength) ReadNetmask(Section section, AddressFamily? family)
    {
        const byte Whole = 128;
        if (section.Text(NetmaskKey) is not { } text || family is null)
            return (null, Whole);
        bool isNumber = byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte length);
        if (family == AddressFamily.InterNetworkV6)
        {
            if (isNumber && length is >= 1 and <= Whole)
                return (null, length);
            section.Wrong(NetmaskKey, $"'{text}' is not a prefix length from 1 to {Whole}");
        }
        // For ipvsadm -M 24 is the mask 0.0.0.24, which nobody means.
        else if (isNumber && length <= 32)
            return (Shorter(Mask(length)), Whole);
        else if (IPAddress.TryParse(text, out IPAddress? mask) && mask.AddressFamily == AddressFamily.InterNetwork && mask.ToString() == text)
            return (Shorter(mask), Whole);
        else
            section.Wrong(NetmaskKey, $"'{text}' is neither a netmask (255.255.255.0) nor a prefix length from 0 to 32");
        return (null, Whole);
    }

    private static IPAddress Mask(byte length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, length == 0 ? 0 : uint.MaxValue << (32 - length));
        return new IPAddress(bytes);
    }

    private static IPAddress? Shorter(IPAddress mask) => mask.Equals(IPAddress.Broadcast) ? null : mask;
}
