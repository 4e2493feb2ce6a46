using System.Globalization;
using System.Text.Json;

namespace Director.Lab.Tests.Harness;

/// <summary>What a client that asks each millisecond saw.</summary>
/// <param name="Sent">Questions.</param>
/// <param name="Answers">To them.</param>
/// <param name="LongestMilliseconds">Between two answers, or from the last one to the end.</param>
/// <param name="UnendedMilliseconds">From the last answer to the end: long if the silence went on.</param>
public sealed record SilenceResult(long Sent, long Answers, double LongestMilliseconds, double UnendedMilliseconds)
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    internal static SilenceResult Parse(string json) => JsonSerializer.Deserialize<SilenceResult>(json, Web)!;
}

/// <summary>Measures the longest silence of a UDP echo through the VIP (<c>lab-traffic udp-gap</c>).</summary>
public sealed class Silence
{
    private static int _started;

    private readonly LabProcess _process;

    private Silence(LabProcess process) => _process = process;

    /// <summary>Returns when the first answer came.</summary>
    /// <param name="client">Where it runs.</param>
    /// <param name="target">The echo's address and port.</param>
    /// <param name="through">Words before the command, e.g. <c>nice ...</c>.</param>
    public static async Task<Silence> StartAsync(LabHost client, string target, string through = "")
    {
        string number = Interlocked.Increment(ref _started).ToString(CultureInfo.InvariantCulture);
        LabProcess process = client.Start($"udp-gap-{number}", $"{through} {Repository.Traffic} udp-gap {target}");
        await process.SaysAsync("answered", TimeSpan.FromSeconds(30));
        return new Silence(process);
    }

    public async Task<SilenceResult> StopAsync()
    {
        string printed = await _process.StopAsync(TimeSpan.FromSeconds(30));
        return SilenceResult.Parse(printed.Split('\n').Last(line => line.StartsWith('{')));
    }
}
