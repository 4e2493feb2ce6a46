using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>Large transfers through NAT: nothing altered, every checksum right, with offloads and without.</summary>
public sealed class BulkTests
{
    private const int Megabyte = 1024 * 1024;

    [Fact]
    public async Task A_hundred_megabytes_come_through_whole_in_both_directions()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        Nginx[] servers = await lab.StartNginxAsync();
        LabHost server = lab.RealServers[0];
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -A -t 10.1.0.100:5001
            -a -t 10.1.0.100:5001 -r 10.2.0.11:5001 -m
            """);
        string sum = (await server.RunAsync($"head -c {100 * Megabyte} /dev/urandom > {servers[0].Folder}/bulk; sha256sum < {servers[0].Folder}/bulk")).Text;

        Output downloaded = await lab.Client.RunAsync("curl -sf http://10.1.0.100/bulk | sha256sum", limit: TimeSpan.FromMinutes(1));
        Assert.Equal(sum, downloaded.Text);

        LabProcess sink = await server.Start("sink", $"{Repository.Traffic} sink 5001").SaysAsync("listening");
        Output sent = await lab.Client.RunAsync($"{Repository.Traffic} send 10.1.0.100:5001 {100 * Megabyte}", limit: TimeSpan.FromMinutes(1));
        await sink.ExitAsync();
        Assert.Equal(sent.Lines[0], sink.Printed().Split('\n')[1]);

        Assert.Equal(0, await server.CounterAsync("Tcp", "InCsumErrors"));
        Assert.Equal(0, await lab.Client.CounterAsync("Tcp", "InCsumErrors"));
    }

    /// <summary>
    /// On virtual links with offloads on, checksums are filled in by nobody, and tcpdump cannot judge them. So: the sender
    /// fills them in and the engine mends them; or the sender leaves them partial and the kernel completes them behind the engine.
    /// </summary>
    [Theory]
    [InlineData("by the sender")]
    [InlineData("behind the engine", Traits = ["Category", "Long"])]
    public async Task Checksums_are_right_on_the_wire_when_filled_in(string filled)
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, test: $"{nameof(Checksums_are_right_on_the_wire_when_filled_in)}_{filled.Split(' ')[0]}");
        LabHost server = lab.RealServers[0];
        if (filled == "by the sender")
        {
            await lab.Client.RunAsync("ethtool -K eth0 tx off");
            await server.RunAsync("ethtool -K eth0 tx off");
        }
        else
        {
            await lab.Director.RunAsync("ethtool -K eth0 tx off; ethtool -K eth1 tx off");
        }
        Nginx[] servers = await lab.StartNginxAsync();
        await server.RunAsync($"head -c {8 * Megabyte} /dev/urandom > {servers[0].Folder}/bulk");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -A -t 10.1.0.100:5001
            -a -t 10.1.0.100:5001 -r 10.2.0.11:5001 -m
            """);
        Capture atServer = await server.CaptureAsync("bulk", "eth0", "tcp dst port 5001", snapLength: 0);
        Capture atClient = await lab.Client.CaptureAsync("bulk", "eth0", "tcp src port 80", snapLength: 0);

        LabProcess sink = await server.Start("sink", $"{Repository.Traffic} sink 5001").SaysAsync("listening");
        await lab.Client.RunAsync($"{Repository.Traffic} send 10.1.0.100:5001 {8 * Megabyte}");
        await sink.ExitAsync();
        await lab.Client.RunAsync("curl -sf -o /dev/null http://10.1.0.100/bulk");

        foreach (Capture capture in new[] { atServer, atClient })
        {
            await capture.StopAsync();
            string[] packets = [.. (await capture.LinesAsync(options: "-vv")).Where(line => line.Contains("cksum", StringComparison.Ordinal))];
            Assert.True(packets.Length > 50, $"only {packets.Length} packets captured");
            Assert.DoesNotContain(packets, line => line.Contains("incorrect", StringComparison.Ordinal));
            Assert.DoesNotContain(packets, line => line.Contains("bad cksum", StringComparison.Ordinal));
        }
    }
}
