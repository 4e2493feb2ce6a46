using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.LifeCycle;

/// <summary>What can be wrong at the start is said clearly, and nothing is left half-way.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task A_missing_interface_is_named()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        DirectorProcess director = await DirectorProcess.PrepareAsync(lab.Director, new DirectorOptions { Interfaces = ["eth0", "eth9"], FloatingAddresses = [] });
        await RefusesAsync(director, "", "eth9");
    }

    [Fact]
    public async Task A_missing_privilege_is_named()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        DirectorProcess director = await DirectorProcess.PrepareAsync(lab.Director);
        await lab.Director.RunAsync($"chown -R nobody {lab.Director.Scratch}; chmod 755 {lab.Director.Scratch}");
        await RefusesAsync(director, "setpriv --reuid=65534 --regid=65534 --clear-groups", "CAP_NET_");
    }

    [Fact]
    public async Task A_second_directord_on_the_same_data_leaves_the_first_alone()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1);
        await lab.StartNginxAsync();
        DirectorProcess first = await DirectorProcess.StartAsync(lab.Director);
        await first.IpvsadmAsync("""
            -A -t 10.1.0.100:80
            -a -t 10.1.0.100:80 -r 10.2.0.11:80 -m
            """);
        DirectorProcess second = await DirectorProcess.PrepareAsync(lab.Director);
        LabProcess refused = lab.Director.Start("directord-second", $"{Repository.Programs}/directord --config {lab.Director.Scratch}/director.conf");

        Assert.NotEqual(0, await refused.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(second.Data, refused.Printed(), StringComparison.Ordinal);
        Assert.True(first.Process.Running);
        Assert.Equal("rs1\n", (await lab.Client.RunAsync("curl -sf -m 5 http://10.1.0.100/")).Text);
        Assert.Single((await first.IpvsadmAsync("-S -n")).Lines, line => line.StartsWith("-a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_that_the_host_has_is_refused()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync();
        await lab.Director.RunAsync("ip addr add 10.1.0.100/32 dev eth0");
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);

        Output refused = await director.TryIpvsadmAsync("-A -t 10.1.0.100:80");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("10.1.0.100", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("configured", refused.Errors, StringComparison.Ordinal);
        // What it says to do helps.
        await lab.Director.RunAsync("ip addr del 10.1.0.100/32 dev eth0");
        await director.IpvsadmAsync("-A -t 10.1.0.100:80");
    }

    [Fact]
    public async Task An_address_that_another_host_answers_for_is_refused_with_its_mac()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(describe: lab => lab.Client.Configure("ip addr add 10.1.0.100/16 dev eth0"));
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);

        Output refused = await director.TryIpvsadmAsync("-A -t 10.1.0.100:80");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("10.1.0.100", refused.Errors, StringComparison.Ordinal);
        Assert.Contains(await lab.Client.MacAsync("eth0"), refused.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Empty((await director.IpvsadmAsync("-S -n")).Lines);
    }

    private static async Task RefusesAsync(DirectorProcess director, string through, string names)
    {
        LabProcess refused = director.StartOnly(through);
        Assert.NotEqual(0, await refused.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(names, refused.Printed(), StringComparison.Ordinal);
        await Eventually.TrueAsync("no engine is left", async () => !await director.EngineRunsAsync());
    }
}
