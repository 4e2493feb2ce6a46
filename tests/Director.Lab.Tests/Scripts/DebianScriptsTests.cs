using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Scripts;

/// <summary>Debian's scripts around ipvsadm, unchanged, with ours mounted at <c>/sbin/ipvsadm</c>.</summary>
public sealed class DebianScriptsTests
{
    [Fact]
    public async Task Save_and_restore_bring_everything_back()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync("""
            -A -t 10.1.0.100:80 -s wrr
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 5
            -a -t 10.1.0.100:80 -r 10.2.0.12:8080 -m -w 0
            -A -u 10.1.0.101:53 -s lc
            -a -u 10.1.0.101:53 -r 10.2.0.11 -g
            """);

        string saved = (await director.WithOurIpvsadmAsync("ipvsadm-save -n")).Text;
        Assert.Equal(5, saved.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await director.WithOurIpvsadmAsync("ipvsadm -C");
        Assert.Empty((await director.WithOurIpvsadmAsync("ipvsadm-save -n")).Text);
        await director.WithOurIpvsadmAsync("ipvsadm-restore", input: saved);

        Assert.Equal(saved, (await director.WithOurIpvsadmAsync("ipvsadm-save -n")).Text);
    }

    [Fact]
    public async Task Ldirectord_removes_a_dead_server_and_puts_it_back()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        // Its own files are named after the configuration's, in /run and /var/lock: unique, for other labs' sake.
        string configuration = Path.Combine(lab.Director.Scratch, $"{LabRun.Prefix}.cf");
        await File.WriteAllTextAsync(configuration, """
            checktimeout = 2
            checkinterval = 1
            quiescent = no
            autoreload = no
            virtual = 10.1.0.100:80
            	real = 10.2.0.11:80 masq 1
            	real = 10.2.0.12:80 masq 1
            	service = http
            	request = "/"
            	receive = "rs"
            	scheduler = rr
            	protocol = tcp
            	checktype = negotiate

            """, TestContext.Current.CancellationToken);
        director.StartWithOurIpvsadm("ldirectord", $"ldirectord -d {configuration} start");

        await ServersAsync(director, "10.2.0.11:80", "10.2.0.12:80");
        Assert.Equal("rs1 5, rs2 5", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        await servers[0].StopAsync();
        await ServersAsync(director, "10.2.0.12:80");
        Assert.Equal("rs2 10", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        await servers[0].StartAsync();
        await ServersAsync(director, "10.2.0.11:80", "10.2.0.12:80");
    }

    private static Task ServersAsync(DirectorProcess director, params string[] expected) =>
        Eventually.TrueAsync($"the servers are {string.Join(", ", expected)}", async () =>
        {
            Output saved = await director.IpvsadmAsync("-S -n");
            return saved.Lines.Where(line => line.StartsWith("-a", StringComparison.Ordinal)).Select(line => line.Split(' ')[4]).Order(StringComparer.Ordinal).SequenceEqual(expected);
        }, TimeSpan.FromSeconds(30), async () => (await director.IpvsadmAsync("-S -n")).Text);
}
