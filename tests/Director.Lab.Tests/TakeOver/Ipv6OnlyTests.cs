using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.TakeOver;

/// <summary>
/// Segments without any IPv4: the election is held there by ARP all the same, which needs no IPv4 address of anybody.
/// </summary>
[Collection(Alone.Name)]
[Trait("Category", "Long")]
public sealed class Ipv6OnlyTests
{
    [Fact]
    public async Task Its_host_vanishes_from_segments_without_ipv4()
    {
        await using BusyPair busy = await BusyPair.StartAsync(nameof(Its_host_vanishes_from_segments_without_ipv4), method: ForwardingSetup.MasqueradingIpv6);
        foreach (DirectorProcess director in busy.Pair.Directors)
        {
            Assert.DoesNotContain("inet ", (await director.Host.RunAsync("ip addr show dev eth0; ip addr show dev eth1")).Text, StringComparison.Ordinal);
            // On the segment, not only by the cluster link.
            await Eventually.TrueAsync("the other one is heard on the segment", async () =>
                (await director.StatusAsync()).Election!.Peers.Any(peer => peer.HeardOnSegment < 1000));
        }
        // Whatever it is that they say, it keeps the switch's knowledge of the virtual MAC fresh.
        Capture announced = await busy.Pair.Network.CaptureFromAsync($"{busy.Standby.Host.Name}-eth0", "arp");

        await busy.SetLinksAsync(busy.Owner, "down");
        await busy.Pair.OwnerAsync(busy.Standby);
        await busy.SetLinksAsync(busy.Owner, "up");

        Assert.Same(busy.Standby, await busy.AgreedAsync());
        await busy.WholeAsync();
        await announced.SeesAsync($"ether src {busy.Standby.VirtualMac(0)} and arp[14:4] = 0 and arp[24:4] = 0");
    }
}
