using System.Globalization;
using System.Text.Json;

namespace Director.Lab.Tests.Harness;

/// <summary>What became of busy keep-alive connections; a request without an answer is a lost one.</summary>
public sealed record LoadResult(int Connections, long Requests, long Answers, int Broken, double LongestMilliseconds)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    internal static LoadResult Parse(string json) => JsonSerializer.Deserialize<LoadResult>(json, Web)!;
}

/// <summary>Keep-alive connections that ask without pause (<c>lab-traffic keep-alive</c>).</summary>
public sealed class Load
{
    private static int _loads;

    private readonly LabProcess _process;

    private Load(LabProcess process) => _process = process;

    /// <summary>Returns when each connection has had its first answer.</summary>
    /// <param name="client">Where it runs.</param>
    /// <param name="target">The server's address and port.</param>
    /// <param name="connections">How many.</param>
    /// <param name="patience">Seconds that a connection waits for an answer before it counts as broken.</param>
    public static async Task<Load> StartAsync(LabHost client, string target, int connections = 200, int patience = 20)
    {
        string number = Interlocked.Increment(ref _loads).ToString(CultureInfo.InvariantCulture);
        LabProcess process = client.Start($"load-{number}", $"{Repository.Traffic} keep-alive {target} {connections} {patience}");
        await process.SaysAsync("established", TimeSpan.FromSeconds(30));
        return new Load(process);
    }

    public async Task<LoadResult> StopAsync()
    {
        string printed = await _process.StopAsync(TimeSpan.FromSeconds(30));
        return LoadResult.Parse(printed.Split('\n').Last(line => line.StartsWith('{')));
    }
}
