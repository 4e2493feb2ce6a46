using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;
using Regex = System.Text.RegularExpressions.Regex;

namespace Director.Lab.Tests.Neutrality;

/// <summary>
/// The director's host takes no part in the balancing, and is not disturbed by it: its kernel (which forwards, and has a web
/// server on every address) neither answers nor forwards what the engine owns, while its own traffic passes as before.
/// </summary>
public sealed class HostTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false, Traits = ["Category", "Long"])]
    public async Task The_kernel_stays_out_while_the_engine_lives_and_after_it_was_killed(bool virtualMac)
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(test: $"{nameof(The_kernel_stays_out_while_the_engine_lives_and_after_it_was_killed)}_{virtualMac}");
        await lab.StartNginxAsync();
        await Nginx.StartAsync(lab.Director);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, new DirectorOptions { VirtualMac = virtualMac });
        Capture atClient = await lab.Client.CaptureAsync("everything", "eth0");
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("everything", "eth0")));
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
            """);
        Load load = await Load.StartAsync(lab.Client, "10.1.0.100:80", connections: 20);
        await HostTrafficAsync(lab);

        // Not restarted while directord is stopped: what arrives now meets only the kernel.
        await director.Process.SignalAsync("STOP");
        await Signals.SendAsync(await director.EngineAsync(), "KILL");
        Output syn = await lab.Client.TryAsync("curl -s -m 2 http://10.1.0.100/");
        Assert.Equal(CurlExit.TimedOut, syn.ExitCode);
        Output closedPort = await lab.Client.TryAsync("curl -s -m 1 http://10.1.0.100:81/");
        Assert.Equal(CurlExit.TimedOut, closedPort.ExitCode);
        Assert.NotEqual(0, (await lab.Client.TryAsync("ping -c 2 -W 1 10.1.0.100")).ExitCode);
        await HostTrafficAsync(lab);

        await director.Process.SignalAsync("CONT");
        await Eventually.TrueAsync("the VIP serves again", async () => (await lab.Client.TryAsync("curl -sf -m 1 http://10.1.0.100/")).ExitCode == 0);
        LoadResult result = await load.StopAsync();
        Assert.Equal(0, result.Broken);

        await atClient.StopAsync();
        await atClient.NothingAsync("src host 10.1.0.100 and tcp[tcpflags] & tcp-rst != 0");
        await atClient.NothingAsync("icmp[icmptype] = icmp-unreach or icmp[icmptype] = icmp-redirect or icmp[icmptype] = icmp-timxceed");
        await atClient.NothingAsync("tcp and src net 10.2.0.0/16");
        string[] sent = [.. await ClientResetsAsync(atClient)];
        foreach (Capture capture in atServers)
        {
            await capture.StopAsync();
            await capture.NothingAsync("dst host 10.1.0.100");
            // A client that gave up resets its connection, and that reset is forwarded. None may come that the client did not send.
            string[] foreign = [.. (await ClientResetsAsync(capture)).Except(sent)];
            Assert.True(foreign.Length == 0, $"resets that the client did not send:\n{string.Join('\n', foreign)}");
            await capture.NothingAsync("icmp[icmptype] = icmp-unreach or icmp[icmptype] = icmp-redirect or icmp[icmptype] = icmp-timxceed");
        }
    }

    /// <summary>Source, flags and sequence number of each reset that claims to be the client's: what translation leaves alone.</summary>
    private static async Task<IEnumerable<string>> ClientResetsAsync(Capture capture) =>
        from line in await capture.LinesAsync("src host 10.1.0.2 and tcp[tcpflags] & tcp-rst != 0", "-S")
        select Regex.Replace(line, "^IP (?<source>[^ ]+) > [^ ]+: (?<what>Flags [^ ]+, seq [0-9:]+).*$", "${source} ${what}");

    [Fact]
    public async Task Nothing_is_forwarded_twice()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
            """);
        Capture[] atServers = await Task.WhenAll(lab.RealServers.Select(server => server.CaptureAsync("syn", "eth0", "tcp[tcpflags] & (tcp-syn|tcp-ack) == tcp-syn")));
        Capture atClient = await lab.Client.CaptureAsync("syn-ack", "eth0", "tcp[tcpflags] & (tcp-syn|tcp-ack) == (tcp-syn|tcp-ack)");

        await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-20]'");

        foreach (Capture capture in (Capture[])[.. atServers, atClient])
            await capture.StopAsync();
        Assert.Equal(20, (await atClient.LinesAsync()).Length);
        foreach (Capture capture in atServers)
            Assert.Equal(10, (await capture.LinesAsync()).Length);
    }

    /// <summary>The host's own: pings in and out, its web server, requests of its own.</summary>
    private static async Task HostTrafficAsync(TwoArmed lab)
    {
        await lab.Client.RunAsync("ping -q -c 5 -i 0.1 -W 1 10.1.0.1");
        await lab.Director.RunAsync("ping -q -c 5 -i 0.1 -W 1 10.2.0.11");
        Assert.Equal("director\n", (await lab.Client.RunAsync("curl -sf -m 5 http://10.1.0.1/")).Text);
        Assert.Equal("rs2\n", (await lab.Director.RunAsync("curl -sf -m 5 http://10.2.0.12/")).Text);
    }
}
