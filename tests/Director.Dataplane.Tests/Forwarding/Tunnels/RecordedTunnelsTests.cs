using Director.Dataplane.Forwarding.Tunnels;
using Director.Dataplane.Tests.Pipeline;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Forwarding.Tunnels;

/// <summary>The packets that the kernel's director tunnelled, wrapped again: byte for byte the same.</summary>
public sealed class RecordedTunnelsTests
{
    public static TheoryData<string, TunnelType, TunnelFlags> Scenarios => new()
    {
        { "udp_TUN_csum0", TunnelType.IpIp, TunnelFlags.None },
        { "udp_TUN_rs_port_closed", TunnelType.IpIp, TunnelFlags.None },
        { "udp_TUN_ttl2", TunnelType.IpIp, TunnelFlags.None },
        { "udp_GRE", TunnelType.Gre, TunnelFlags.None },
        { "udp_GRE-csum", TunnelType.Gre, TunnelFlags.Checksum },
        { "tcp_syn_GRE-csum", TunnelType.Gre, TunnelFlags.Checksum },
        { "udp_GUE", TunnelType.Gue, TunnelFlags.None },
        { "tcp_syn_GUE", TunnelType.Gue, TunnelFlags.None },
        { "udp_GUE-remcsum", TunnelType.Gue, TunnelFlags.RemoteChecksum },
        { "tcp_syn_GUE-remcsum", TunnelType.Gue, TunnelFlags.RemoteChecksum },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Wraps_as_the_kernel_does(string scenario, TunnelType type, TunnelFlags flags)
    {
        byte[] frame = Recording.Of(scenario)[Bench.ServerSide].First(IsDirectors);
        Span<byte> expected = frame.AsSpan(EthernetHeader.Length);
        Wrapping wrapping = new(IpAddress.FromIpv4(Bench.Ip("10.2.0.1")), IpAddress.FromIpv4(Bench.Ip("10.2.0.11")))
        {
            Flags = flags,
            Port = 6080,
            SourcePort = (ushort)((expected[20] << 8) | expected[21]),
            Identification = 0xA5A5,
        };
        int overhead = Encapsulation.For(type).Overhead(wrapping);

        byte[] packet = [.. expected];
        packet.AsSpan(0, overhead).Fill(0xA5);
        Encapsulation.For(type).Write(packet, wrapping);
        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(packet));
    }

    private static bool IsDirectors(byte[] frame) =>
        EthernetHeader.TryParse(frame, out EthernetHeader ethernet, out _) && ethernet.Source == Bench.ServerSideMac;
}
