using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary>NAT over real HTTP and UDP.</summary>
public sealed class MasqueradingTests
{
    private const string Requests60 = "curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-60]'";

    [Fact]
    public async Task Wrr_shares_by_weight_and_servers_see_the_client()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 3);
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s wrr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 1
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 2
            -a -t 10.1.0.100:80 -r 10.2.0.13:80 -m -w 3
            """);

        Output answers = await lab.Client.RunAsync(Requests60);

        Assert.Equal("rs1 10, rs2 20, rs3 30", answers.Spread());
        foreach (Nginx server in servers)
            Assert.All(server.Clients(), client => Assert.Equal("10.1.0.2", client));
        // As IPVS, the counters of --stats are those of the estimator's last round.
        await Eventually.TrueAsync("60 connections are counted",
            async () => (await director.IpvsadmAsync("-L -t 10.1.0.100:80 -n --stats --exact")).Text.Contains("TCP  10.1.0.100:80                      60"),
            state: async () => (await director.IpvsadmAsync("-L -n --stats --exact")).Text);
    }

    [Fact]
    public async Task Rr_takes_turns_newest_server_first()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 3);
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s rr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m
            -a -t 10.1.0.100:80 -r 10.2.0.13:80 -m
            """);

        Output answers = await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-7]'");

        Assert.Equal(["rs3", "rs2", "rs1", "rs3", "rs2", "rs1", "rs3"], answers.Lines);
    }

    [Fact]
    public async Task Ports_are_mapped_and_edits_count_from_the_next_connection()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:8080 -s wrr
            -a -t 10.1.0.100:8080 -r 10.2.0.11:80 -m
            -a -t 10.1.0.100:8080 -r 10.2.0.12:80 -m -w 0
            """);
        const string Four = "curl -sf -H 'Connection: close' 'http://10.1.0.100:8080/?[1-4]'";
        Assert.Equal("rs1 4", (await lab.Client.RunAsync(Four)).Spread());

        await director.IpvsadmAsync("""
            -e -t 10.1.0.100:8080 -r 10.2.0.11:80 -m -w 0
            -e -t 10.1.0.100:8080 -r 10.2.0.12:80 -m -w 1
            """);
        Assert.Equal("rs2 4", (await lab.Client.RunAsync(Four)).Spread());

        await director.IpvsadmAsync("-D -t 10.1.0.100:8080");
        // The address has no service left: it is nobody's, and nothing answers.
        Output refused = await lab.Client.TryAsync("curl -s -m 2 http://10.1.0.100:8080/");
        Assert.NotEqual(0, refused.ExitCode);
    }

    [Fact]
    public async Task Udp_questions_are_answered_from_the_vip()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        foreach (LabHost server in lab.RealServers)
            await server.Start("udp-echo", $"{Repository.Traffic} udp-echo 5353 {server.Name}").SaysAsync("listening");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -u 10.1.0.100:53 -s rr
            -a -u 10.1.0.100:53 -r 10.2.0.11:5353 -m
            -a -u 10.1.0.100:53 -r 10.2.0.12:5353 -m
            """);

        // The tool itself checks that each answer comes from where its question went.
        Output answers = await lab.Client.RunAsync($"{Repository.Traffic} udp-ask 10.1.0.100:53 20");

        Assert.Equal("rs1 10, rs2 10", answers.Spread());
        Output connections = await director.IpvsadmAsync("-L -c -n");
        Assert.Equal(20, connections.Lines.Count(line => line.StartsWith("UDP", StringComparison.Ordinal)));
    }
}
