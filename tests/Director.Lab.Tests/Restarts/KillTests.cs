using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Restarts;

/// <summary><c>kill -9</c> of either process under 200 busy connections: none breaks, no request is lost.</summary>
[Collection(Alone.Name)]
public sealed class KillTests
{
    private const string Services = """
        -A -t 10.1.0.100:80 -s wlc
        -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 2
        -a -t 10.1.0.100:80 -r 10.2.0.12:80 -m -w 3
        """;

    [Fact]
    public async Task Killing_directord_costs_nothing_and_the_next_takes_over_its_engine()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync(Services);
        string saved = (await director.IpvsadmAsync("-S -n")).Text;
        int engine = await director.EngineAsync();
        Load load = await Load.StartAsync(lab.Client, "10.1.0.100:80");

        ulong lost = await LostAsync(director);
        await director.Process.SignalAsync("KILL");
        await director.Process.ExitAsync();
        await GoesOnAsync(servers);
        // New connections, too, while nobody is in charge.
        Assert.Equal(10, (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Lines.Length);

        await director.StartAsync();
        await GoesOnAsync(servers);
        Assert.Equal(engine, await director.EngineAsync());
        Assert.Equal(saved, (await director.IpvsadmAsync("-S -n")).Text);
        Assert.Equal(lost, await LostAsync(director));
        await WholeAsync(load);
    }

    [Fact]
    public async Task Killing_the_engine_costs_a_moment_and_no_connection()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync(Services);
        Load load = await Load.StartAsync(lab.Client, "10.1.0.100:80");

        await ReplaceEngineAsync(director);

        await GoesOnAsync(servers);
        await WholeAsync(load);
        Assert.Matches("(?i)engine.*(ended|died|gone|exited)", director.Process.Printed());
    }

    /// <summary>Behind full NAT an engine has more to know of a connection: its local port, and that the server knows the client.</summary>
    [Theory]
    [InlineData("--proxy-protocol", 8080)]
    [InlineData("--toa", 80, Traits = ["Category", "Long"])]
    public async Task Killing_the_engine_costs_no_connection_behind_full_NAT(string told, int port)
    {
        await using Unrouted lab = await Unrouted.BuildAsync(test: $"{nameof(Killing_the_engine_costs_no_connection_behind_full_NAT)}_{port}");
        Nginx[] servers = await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director, lab.Options);
        await director.IpvsadmAsync($"""
            -A -t 10.1.0.100:80 -s wlc
            -a -t 10.1.0.100:80 -r 10.2.0.11:{port} --fullnat {told}
            -a -t 10.1.0.100:80 -r 10.2.0.12:{port} --fullnat {told}
            """);
        Load load = await Load.StartAsync(lab.Client, "10.1.0.100:80");

        await ReplaceEngineAsync(director);

        await GoesOnAsync(servers);
        // New ones, beside the old.
        Assert.Equal(10, (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Lines.Length);
        await WholeAsync(load);
    }

    [Fact]
    public async Task Killing_both_loses_no_service()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        await director.IpvsadmAsync(Services);
        string listed = (await director.IpvsadmAsync("-L -n")).Text;

        await director.Process.SignalAsync("KILL");
        await Signals.SendAsync(await director.EngineAsync(), "KILL");
        await director.Process.ExitAsync();
        await director.StartAsync();

        Assert.Equal(listed, (await director.IpvsadmAsync("-L -n")).Text);
        Assert.Equal(10, (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-10]'")).Lines.Length);
    }

    /// <summary>Kills it, and waits for the one that directord starts in its place.</summary>
    private static async Task ReplaceEngineAsync(DirectorProcess director)
    {
        int engine = await director.EngineAsync();
        await Signals.SendAsync(engine, "KILL");
        await Eventually.TrueAsync("directord has started another engine", async () =>
            (await Namespaces.ProcessesAsync(director.Host.Namespace)).Any(process => process.Name == "director-engine" && process.Id != engine));
    }

    /// <summary>Waits for some thousand more answers.</summary>
    private static async Task GoesOnAsync(Nginx[] servers)
    {
        int before = servers.Sum(server => server.Clients().Length);
        await Eventually.TrueAsync("the connections are busy again", () => servers.Sum(server => server.Clients().Length) > before + 2000, TimeSpan.FromSeconds(30));
    }

    /// <summary>Frames that the kernel had to drop because the engine did not take them in time.</summary>
    private static async Task<ulong> LostAsync(DirectorProcess director) =>
        (await director.StatusAsync()).Engine.Interfaces.Aggregate(0UL, (sum, one) => sum + one.KernelDrops);

    private static async Task WholeAsync(Load load)
    {
        LoadResult result = await load.StopAsync();
        Assert.Equal(0, result.Broken);
        Assert.Equal(result.Requests, result.Answers);
        TestContext.Current.SendDiagnosticMessage("{0}: {1}", TestContext.Current.TestMethod?.MethodName ?? "", result);
    }
}
