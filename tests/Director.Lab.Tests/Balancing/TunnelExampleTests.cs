using System.Runtime.CompilerServices;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>
/// <c>config/tunnel.conf</c>. Each real server unwraps another kind of tunnel, and has a leg in the clients' network, by which it answers:
/// <code>
/// client 10.1.0.2 --- c --- eth0 director eth1 --- r --- eth0 rs1 10.2.0.11 (ipip), rs2 10.2.0.12 (gre), rs3 10.2.0.13 (gue)
///                     +--------------------------------- eth1 10.1.0.11, ...
/// </code>
/// </summary>
public sealed class TunnelExampleTests
{
    private const int Megabyte = 1024 * 1024;
    private const int LinkMtu = 1500;

    private static readonly Tunnel[] Tunnels =
    [
        new("ipip", 20, @"proto IPIP \(4\), length \d+\) 10\.2\.0\.1 > 10\.2\.0\.11: IP \("),
        new("gre", 24, @"proto GRE \(47\), length \d+\) 10\.2\.0\.1 > 10\.2\.0\.12: GREv0, Flags \[none\], "),
        new("gue 6080", 32, @"proto UDP \(17\), length \d+\) 10\.2\.0\.1\.\d+ > 10\.2\.0\.13\.6080: \[udp sum ok\] UDP, "),
    ];

    [Fact]
    public async Task Requests_arrive_wrapped_and_servers_answer_directly()
    {
        await using TwoArmed lab = await BuildAsync();
        LabProcess[] ends = await SetUpAsync(lab);
        // So that what arrives has been sent like that: checksums filled in, no super-frames.
        await lab.Client.RunAsync("ethtool -K eth0 tx off");
        foreach (LabHost server in lab.RealServers)
            await server.RunAsync("ethtool -K eth1 tx off");
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartExampleAsync(lab.Director, "tunnel");
        Capture atClient = await lab.Client.CaptureAsync("wire", "eth0", "tcp", snapLength: 0);
        Capture[] wrapped = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("wrapped", "eth0", "ip and src host 10.2.0.1", snapLength: 0)));
        Capture[] unwrapped = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("unwrapped", "tunl0", snapLength: 0)));

        Assert.Equal("rs1 10, rs2 10, rs3 10", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-30]'")).Spread());

        await unwrapped.TogetherSeeAsync("", atClient, "dst port 80");
        for (int i = 0; i < Tunnels.Length; i++)
        {
            Assert.All(servers[i].Clients(), client => Assert.Equal("10.1.0.2", client));
            string[] outer = [], inner = await unwrapped[i].PacketsAsync();
            await Eventually.TrueAsync($"each packet in {Tunnels[i].Unwrap} came {Tunnels[i].Overhead} bytes longer", async () =>
            {
                outer = await wrapped[i].PacketsAsync();
                return outer.Lengths().SequenceEqual(inner.Lengths().Select(length => length + Tunnels[i].Overhead));
            }, state: () => Task.FromResult($"{string.Join(' ', outer.Lengths())}\n{string.Join(' ', inner.Lengths())}"));
            inner.AreTcp(63, "10.1.0.2", "10.1.0.100.80");
            // As IPVS: outside the TTL that the packet has inside, and DF, and with it no identification.
            outer.AreAll($@"^IP \(tos 0x0, ttl 63, id 0, offset 0, flags \[DF\], {Tunnels[i].Outer}");
            Assert.Contains("\"refused\":0", await ends[i].StopAsync(), StringComparison.Ordinal);
        }
        (await atClient.PacketsAsync("src port 80")).AreTcp(64, "10.1.0.100.80", "10.1.0.2");
        await atClient.NothingAsync($"ether src {director.VirtualMac(0)}");
    }

    /// <summary>With offloads on: the director cuts the client's super-frames itself, and fills in what is left to be filled in.</summary>
    [Fact]
    public async Task Uploads_learn_the_tunnels_mtu_and_come_through_whole()
    {
        await using TwoArmed lab = await BuildAsync();
        LabProcess[] ends = await SetUpAsync(lab);
        Nginx[] servers = await lab.StartNginxAsync();
        await DirectorProcess.StartExampleAsync(lab.Director, "tunnel");
        string file = Path.Combine(lab.Client.Scratch, "upload");
        string sum = (await lab.Client.RunAsync($"mkdir -p {lab.Client.Scratch}; head -c {8 * Megabyte} /dev/urandom > {file}; sha256sum < {file}")).Text;
        Capture atClient = await lab.Client.CaptureAsync("complaints", "eth0", "icmp", snapLength: 0);
        Capture[] wrapped = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("wrapped", "eth0", "ip and src host 10.2.0.1", snapLength: 96)));

        // Round robin takes the last server first.
        for (int i = Tunnels.Length - 1; i >= 0; i--)
        {
            int mtu = LinkMtu - Tunnels[i].Overhead;
            await lab.Client.RunAsync("ip route flush cache");
            await lab.Client.RunAsync($"curl -sf -T {file} http://10.1.0.100/upload-{i}");

            Assert.Equal(sum, (await lab.RealServers[i].RunAsync($"sha256sum < {servers[i].Folder}/upload-{i}")).Text);
            // As IPVS: from the VIP, 576 bytes with as much of the packet as that allows.
            string filter = $"icmp[0] = 3 and icmp[1] = 4 and icmp[6:2] = {mtu}";
            await atClient.SeesAsync(filter);
            string[] complaints = await atClient.PacketsAsync(filter);
            complaints.AreAll(@"ttl 64, .*proto ICMP \(1\), length 576\) 10\.1\.0\.100 > 10\.1\.0\.2: ICMP 10\.1\.0\.100 unreachable - need to frag ");
            Assert.DoesNotContain(complaints, packet => packet.Contains("wrong icmp cksum", StringComparison.Ordinal));
            Assert.Contains($"mtu {mtu}", (await lab.Client.RunAsync("ip route get 10.1.0.100")).Text, StringComparison.Ordinal);
            Assert.Equal(LinkMtu, (await wrapped[i].PacketsAsync()).Lengths()[^1]);
            Assert.Contains("\"refused\":0", await ends[i].StopAsync(), StringComparison.Ordinal);
            Assert.Equal(0, await lab.RealServers[i].CounterAsync("Tcp", "InCsumErrors"));
        }
    }

    private static Task<TwoArmed> BuildAsync([CallerMemberName] string test = "") => TwoArmed.BuildAsync(realServers: 3, lab =>
    {
        for (int i = 0; i < lab.RealServers.Length; i++)
            lab.RealServers[i].Connect("c", $"10.1.0.{11 + i}/16");
    }, test);

    // The script of the documentation, on a kernel without ipip: a program makes tunl0, and modprobe has nothing to do.
    private static async Task<LabProcess[]> SetUpAsync(TwoArmed lab)
    {
        List<LabProcess> ends = [];
        foreach ((LabHost server, Tunnel tunnel) in lab.RealServers.Zip(Tunnels))
        {
            ends.Add(await server.Start("unwrap", $"{Repository.Traffic} unwrap tunl0 {tunnel.Unwrap}").SaysAsync("listening"));
            string tools = Path.Combine(server.Scratch, "tools");
            await server.RunAsync($"mkdir -p {tools}; ln -s /bin/true {tools}/modprobe");
            await server.RunAsync($"{Repository.Programs}/director real-server-setup --method tun --vip 10.1.0.100 | PATH={tools}:$PATH sh");
        }
        return [.. ends];
    }

    /// <param name="Unwrap">For lab-traffic.</param>
    /// <param name="Overhead">Bytes before the inner packet.</param>
    /// <param name="Outer">What tcpdump says behind the flags.</param>
    private sealed record Tunnel(string Unwrap, int Overhead, string Outer);
}
