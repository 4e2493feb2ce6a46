using Director.Model;

namespace Director.Host.Configuration;

/// <summary>How packets to a declared server are wrapped: ipvsadm's <c>--tun-type</c>, <c>--tun-port</c> and <c>--tun-[no|rem]csum</c>.</summary>
/// <param name="Port">UDP port of GUE, else 0.</param>
internal sealed record TunnelKeys(TunnelType Type, ushort Port, TunnelFlags Flags)
{
    private const string TypeKey = "tunnel-type";
    private const string PortKey = "tunnel-port";
    private const string ChecksumKey = "tunnel-checksum";

    public static TunnelKeys Read(Section section, ForwardingMethod forwarding)
    {
        string type = section.Choice(TypeKey, "ipip", "gre", "gue");
        ushort port = (ushort)section.Number(PortKey, 0, 1, ushort.MaxValue);
        string checksum = section.Choice(ChecksumKey, "off", "on", "remote");
        if (forwarding == ForwardingMethod.Tunnel)
            Check(section, type, checksum);
        else
        {
            foreach (string key in (string[])[TypeKey, PortKey, ChecksumKey])
            {
                if (section.Has(key))
                    section.Wrong(key, "goes with forwarding = tunnel only");
            }
        }
        return new TunnelKeys(
            type switch { "gre" => TunnelType.Gre, "gue" => TunnelType.Gue, _ => TunnelType.IpIp },
            port,
            checksum switch { "on" => TunnelFlags.Checksum, "remote" => TunnelFlags.RemoteChecksum, _ => TunnelFlags.None });
    }

    public RealServer On(RealServer server) => server with { TunnelType = Type, TunnelPort = Port, TunnelFlags = Flags };

    // IP in IP has no header of its own to hold a checksum, GRE none of the GUE extension for remote ones.
    private static void Check(Section section, string type, string checksum)
    {
        if (type == "gue" && !section.Has(PortKey))
            section.Wrong(PortKey, "is missing: a tunnel of type gue has a UDP port");
        if (type != "gue" && section.Has(PortKey))
            section.Wrong(PortKey, "goes with tunnel-type = gue only");
        if (type == "ipip" && checksum != "off")
            section.Wrong(ChecksumKey, $"'{checksum}' goes with tunnel-type = {(checksum == "on" ? "gre or gue" : "gue")} only");
        if (type == "gre" && checksum == "remote")
            section.Wrong(ChecksumKey, "'remote' goes with tunnel-type = gue only");
    }
}
