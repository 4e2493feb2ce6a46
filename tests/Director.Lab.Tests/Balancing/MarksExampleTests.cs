using System.Globalization;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Balancing;

/// <summary><c>config/marks-persistence.conf</c></summary>
public sealed class MarksExampleTests
{
    private static readonly string[] Clients = [.. Enumerable.Range(2, 6).Select(i => $"10.1.0.{i}")];

    [Fact]
    public async Task A_client_keeps_its_server_on_every_port_that_is_marked()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(describe: lab =>
        {
            foreach (string client in Clients[1..])
                lab.Client.Configure($"ip addr add {client}/16 dev eth0");
        });
        await Task.WhenAll(lab.RealServers.Select(server => Nginx.StartAsync(server, "80", "443", "8080")));
        DirectorProcess director = await DirectorProcess.StartExampleAsync(lab.Director, "marks-persistence");

        // Round robin takes the last server first.
        string[] homes = ["rs2", "rs1", "rs2", "rs1", "rs2", "rs1"];
        foreach ((string client, string home) in Clients.Zip(homes))
        {
            Assert.Equal($"{home} 5", (await AskAsync(lab, client, "10.1.0.100:443")).Spread());
            Assert.Equal($"{home} 5", (await AskAsync(lab, client, "10.1.0.100:80")).Spread());
        }

        string[] templates = [.. (await director.IpvsadmAsync("-L -c -n")).Lines.Where(line => line.StartsWith("IP ", StringComparison.Ordinal))];
        Assert.Equal(Clients.Length, templates.Length);
        foreach ((string client, string home) in Clients.Zip(homes))
        {
            string template = Assert.Single(templates, line => line.Contains($" {client}:0 ", StringComparison.Ordinal));
            Assert.Matches($@"^IP  (19:5\d|20:00)  ASSURED +{client}:0 +0\.0\.0\.7:0 +10\.2\.0\.1{home[^1]}:0$", template);
        }
        Assert.Contains("FWM  7 rr persistent 1200", (await director.IpvsadmAsync("-L -n")).Text, StringComparison.Ordinal);

        await RuleAtRunTimeAsync(lab, director, homes);
    }

    private static async Task RuleAtRunTimeAsync(TwoArmed lab, DirectorProcess director, string[] homes)
    {
        const string Rule = "-d 10.1.0.100 -p tcp --dport 8080 -j MARK --set-mark 7";
        Assert.Equal(CurlExit.Refused, (await lab.Client.TryAsync("curl -s -m 5 http://10.1.0.100:8080/")).ExitCode);

        await director.DirectorAsync($"mark add {Rule}");
        foreach ((string client, string home) in Clients.Zip(homes))
            Assert.Equal($"{home} 5", (await AskAsync(lab, client, "10.1.0.100:8080")).Spread());
        Assert.Contains(Rule, (await director.DirectorAsync("mark list")).Text, StringComparison.Ordinal);

        await director.DirectorAsync($"mark delete {Rule}");
        Assert.Equal(CurlExit.Refused, (await lab.Client.TryAsync("curl -s -m 5 http://10.1.0.100:8080/")).ExitCode);
        Assert.Equal($"{homes[0]} 5", (await AskAsync(lab, Clients[0], "10.1.0.100:443")).Spread());
    }

    private static Task<Output> AskAsync(TwoArmed lab, string client, string service) =>
        lab.Client.RunAsync(string.Create(CultureInfo.InvariantCulture, $"curl -sf --interface {client} -H 'Connection: close' 'http://{service}/?[1-5]'"));
}
