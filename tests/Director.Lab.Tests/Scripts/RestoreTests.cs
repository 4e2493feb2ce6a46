using System.Diagnostics;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Restarts;
using Director.Lab.Tests.Topologies;

namespace Director.Lab.Tests.Scripts;

/// <summary>
/// <c>ipvsadm -R</c> of ten thousand services with three servers each, with the programs as built. What is bounded is the processor
/// time of directord and engine, since the machine may be busy with other things; the rest is printed.
/// </summary>
[Collection(Alone.Name)]
[Trait("Category", "Long")]
public sealed class RestoreTests
{
    private const int Services = 10_000;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>On few VIPs or on as many as services, and always with more servers than a packet filter can tell apart.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(Services)]
    public async Task Ten_thousand_services_are_in_force_listed_saved_and_cleared(int vips)
    {
        await using TwoArmed lab = await TwoArmed.BuildAsync(test: $"{nameof(RestoreTests)}_{vips}");
        await lab.StartNginxAsync();
        DirectorProcess director = await DirectorProcess.StartAsync(lab.Director);
        string[] good = [.. Enumerable.Range(0, Services).SelectMany(number => Lines(number, vips)), "-A -t 10.1.0.100:80 -s rr", "-a -t 10.1.0.100:80 -r 10.2.0.11:80 -m -w 1"];
        string file = Path.Combine(lab.Director.Scratch, "table");
        // In the middle: a service that is there already, which is told and passed over.
        await File.WriteAllLinesAsync(file, [.. good[..20_000], good[0], .. good[20_000..]], TestContext.Current.CancellationToken);

        Output restored = await MeasureAsync(director, "-R", 5, $"-R < {file}");
        Assert.Equal("Service already exists\n", restored.Errors);
        Assert.Equal("rs1 5", (await lab.Client.RunAsync("curl -sf -H 'Connection: close' 'http://10.1.0.100/?[1-5]'")).Spread());

        Assert.Equal(good.Length + 3, (await MeasureAsync(director, "-Ln", 2, "-Ln")).Lines.Length);
        Assert.Equal(good.Order(StringComparer.Ordinal), (await MeasureAsync(director, "-S -n", 2, "-S -n")).Lines.Order(StringComparer.Ordinal));

        await MeasureAsync(director, "-C", 2, "-C");
        Assert.Empty((await director.IpvsadmAsync("-S -n")).Text);
        Assert.NotEqual(0, (await lab.Client.TryAsync("curl -s -m 2 http://10.1.0.100/")).ExitCode);
    }

    private static IEnumerable<string> Lines(int number, int vips)
    {
        (int vip, int port) = (number % vips, 1000 + (number / vips));
        string service = $"-t 10.1.{100 + (vip / 200)}.{1 + (vip % 200)}:{port}";
        yield return $"-A {service} -s wrr";
        for (int server = 3 * number; server < 3 * (number + 1); server++)
            yield return $"-a {service} -r 10.2.{1 + (server / 200)}.{1 + (server % 200)}:8080 -m -w {1 + (server % 7)}";
    }

    private static async Task<Output> MeasureAsync(DirectorProcess director, string what, int seconds, string command)
    {
        int engine = await director.EngineAsync();
        TimeSpan before = Used(director, engine);
        long start = TimeProvider.System.GetTimestamp();
        Output output = await director.Host.RunAsync($"DIRECTOR_SOCKET={director.Socket} {Repository.Programs}/ipvsadm {command}", limit: Limit);
        TimeSpan took = TimeProvider.System.GetElapsedTime(start), used = Used(director, engine) - before;
        TestContext.Current.TestOutputHelper?.WriteLine($"{what}: {took.TotalMilliseconds:f0} ms, {used.TotalMilliseconds:f0} ms of processor time of directord and engine");
        Assert.True(used < TimeSpan.FromSeconds(seconds), $"{what} took {used} of processor time");
        return output;
    }

    private static TimeSpan Used(DirectorProcess director, int engine)
    {
        using Process one = Process.GetProcessById(director.Process.Id), other = Process.GetProcessById(engine);
        return one.TotalProcessorTime + other.TotalProcessorTime;
    }
}
