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
        await StartLdirectordAsync(director, "removes", quiescent: "no", request: "/", receive: "rs");

        await ServersAsync(director, "10.2.0.11:80", "10.2.0.12:80");
        Assert.Equal("rs1 5, rs2 5", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        await servers[0].StopAsync();
        await ServersAsync(director, "10.2.0.12:80");
        Assert.Equal("rs2 10", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        await servers[0].StartAsync();
        await ServersAsync(director, "10.2.0.11:80", "10.2.0.12:80");
    }

    [Fact]
    public async Task Ldirectord_quiesces_a_dead_server_whose_connections_go_on()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        Nginx[] servers = await lab.StartNginxAsync();
        foreach (Nginx server in servers)
            await File.WriteAllTextAsync(Health(server), "well\n", TestContext.Current.CancellationToken);
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await StartLdirectordAsync(director, "quiesces", quiescent: "yes", request: "health", receive: "well");
        await WeightsAsync(director, "10.2.0.11:80 1", "10.2.0.12:80 1");
        Load load = await Load.StartAsync(lab.Client, "10.1.0.100:80", connections: 20);

        File.Delete(Health(servers[0]));
        await WeightsAsync(director, "10.2.0.11:80 0", "10.2.0.12:80 1");
        Assert.Equal("rs2 10", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        Assert.Matches(@"-> 10\.2\.0\.11:80 +Masq +0 +10 ", (await director.IpvsadmAsync("-L -n")).Text);
        int asked = servers[0].Clients().Length;
        await Eventually.TrueAsync("established connections go on at the quiescent server", () => servers[0].Clients().Length > asked + 100);

        await File.WriteAllTextAsync(Health(servers[0]), "well\n", TestContext.Current.CancellationToken);
        await WeightsAsync(director, "10.2.0.11:80 1", "10.2.0.12:80 1");
        Assert.Equal("rs1 5, rs2 5", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Spread());
        LoadResult result = await load.StopAsync();
        Assert.Equal((20, 0, result.Requests), (result.Connections, result.Broken, result.Answers));
    }

    private static string Health(Nginx server) => Path.Combine(server.Folder, "health");

    // Its own files are named after the configuration's, in /run and /var/lock: unique, for other labs' sake.
    private static async Task StartLdirectordAsync(DirectorProcess director, string name, string quiescent, string request, string receive)
    {
        string configuration = Path.Combine(director.Host.Scratch, $"{LabRun.Prefix}-{name}.cf");
        await File.WriteAllTextAsync(configuration, $"""
            checktimeout = 2
            checkinterval = 1
            quiescent = {quiescent}
            autoreload = no
            virtual = 10.1.0.100:80
            	real = 10.2.0.11:80 masq 1
            	real = 10.2.0.12:80 masq 1
            	service = http
            	request = "{request}"
            	receive = "{receive}"
            	scheduler = rr
            	protocol = tcp
            	checktype = negotiate

            """, TestContext.Current.CancellationToken);
        director.StartWithOurIpvsadm("ldirectord", $"ldirectord -d {configuration} start");
    }

    /// <param name="expected">Address and weight of each.</param>
    private static Task WeightsAsync(DirectorProcess director, params string[] expected) =>
        AreAsync(director, words => $"{words[4]} {words[^1]}", expected);

    private static Task ServersAsync(DirectorProcess director, params string[] expected) => AreAsync(director, words => words[4], expected);

    private static Task AreAsync(DirectorProcess director, Func<string[], string> told, string[] expected) =>
        Eventually.TrueAsync($"the servers are {string.Join(", ", expected)}", async () =>
        {
            Output saved = await director.IpvsadmAsync("-S -n");
            return saved.Lines.Where(line => line.StartsWith("-a", StringComparison.Ordinal)).Select(line => told(line.Split(' '))).Order(StringComparer.Ordinal).SequenceEqual(expected);
        }, TimeSpan.FromSeconds(30), async () => (await director.IpvsadmAsync("-S -n")).Text);
}
