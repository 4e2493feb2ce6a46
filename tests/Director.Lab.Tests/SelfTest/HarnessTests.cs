using System.Text.Json;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.SelfTest;

/// <summary>The harness without the product: what the other labs take for granted.</summary>
public sealed class HarnessTests
{
    [Fact]
    public async Task A_lab_routes_between_its_segments_and_leaves_nothing()
    {
        string folder;
        LabHost client;
        await using (TwoArmed lab = await TwoArmed.BuildAsync(describe: lab =>
        {
            lab.Director.Configure("ip addr add 10.2.0.254/16 dev eth1");
            lab.Client.Gateway("10.1.0.1");
        }))
        {
            (folder, client) = (lab.Network.Scratch, lab.Client);
            Nginx[] servers = await lab.StartNginxAsync();
            Capture capture = await lab.RealServers[0].CaptureAsync("arriving", "eth0", "tcp port 80");

            Output page = await lab.Client.RunAsync("curl -s http://10.2.0.11/ http://10.2.0.12/");

            Assert.Equal(["rs1", "rs2"], page.Lines);
            await Eventually.TrueAsync("nginx has logged", () => servers[0].Clients().Length == 1);
            Assert.Equal(["10.1.0.2"], servers[0].Clients());
            await capture.SeesAsync("src host 10.1.0.2 and tcp[tcpflags] & tcp-syn != 0");
            await capture.NothingAsync("dst host 10.2.0.12");
            Assert.Equal(0, await lab.RealServers[0].CounterAsync("Tcp", "InCsumErrors"));
        }
        Assert.False(Directory.Exists(folder));
        Assert.NotEqual(0, (await client.TryAsync("true")).ExitCode);
    }

    [Fact]
    public async Task Busy_connections_notice_a_reset()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, lab =>
        {
            lab.Director.Configure("ip addr add 10.2.0.254/16 dev eth1");
            lab.Client.Gateway("10.1.0.1");
        });
        Nginx[] servers = await lab.StartNginxAsync();
        LoadResult whole = await (await Load.StartAsync(lab.Client, "10.2.0.11:80", connections: 20)).StopAsync();
        Assert.Equal(0, whole.Broken);
        Assert.Equal(whole.Requests, whole.Answers);
        Assert.True(whole.Requests >= 20);

        Load load = await Load.StartAsync(lab.Client, "10.2.0.11:80", connections: 20);
        await servers[0].StopAsync();
        LoadResult broken = await load.StopAsync();
        Assert.Equal(20, broken.Broken);
    }

    [Fact]
    public async Task Bulk_streams_arrive_whole()
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(realServers: 1, lab =>
        {
            lab.Director.Configure("ip addr add 10.2.0.254/16 dev eth1");
            lab.Client.Gateway("10.1.0.1");
        });
        LabProcess sink = await lab.RealServers[0].Start("sink", $"{Repository.Traffic} sink 5001").SaysAsync("listening");
        Output sent = await lab.Client.RunAsync($"{Repository.Traffic} send 10.2.0.11:5001 10000001");
        await sink.ExitAsync();
        Assert.Equal(10_000_001, JsonDocument.Parse(sent.Text).RootElement.GetProperty("bytes").GetInt64());
        Assert.Equal(sent.Lines[0], sink.Printed().Split('\n')[1]);
    }
}
