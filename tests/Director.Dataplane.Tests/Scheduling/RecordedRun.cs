using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>A run recorded from the real IPVS (Linux 6.1): commands, then connections with the servers' state before each.</summary>
public sealed record RecordedRun
{
    public required int Id { get; init; }

    [JsonPropertyName("sched")]
    public required string Scheduler { get; init; }

    public required string Flags { get; init; }

    public required int[] Weights { get; init; }

    public required string Variant { get; init; }

    public required string[] Setup { get; init; }

    /// <summary>The kernel's list after the setup, newest first: address, port, method, weight, active, inactive.</summary>
    [JsonPropertyName("proc_order")]
    public required JsonElement[][] ListOrder { get; init; }

    [JsonPropertyName("conns")]
    public required RecordedChoice[] Choices { get; init; }

    public required RecordedEdit[] Events { get; init; }

    public static IReadOnlyList<RecordedRun> All { get; } = Load<RecordedRun>("schedulers.json.gz");

    public override string ToString() => $"{Scheduler} {string.Join(',', Weights)} {Variant} {Flags} #{Id}";

    internal static T[] Load<T>(string name)
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "golden", name));
        using GZipStream json = new(file, CompressionMode.Decompress);
        return JsonSerializer.Deserialize<T[]>(json, JsonSerializerOptions.Web)!;
    }
}

/// <summary>A new connection and the server it got.</summary>
public sealed record RecordedChoice
{
    public required string Client { get; init; }

    [JsonPropertyName("dst")]
    public required string Destination { get; init; }

    /// <summary>By server (rs1 is 10.2.0.11): weight, active and inactive connections.</summary>
    public required Dictionary<string, long[]> Before { get; init; }

    /// <summary>Null: refused, no server available.</summary>
    [JsonPropertyName("rs")]
    public required string? Server { get; init; }
}

/// <summary>An edit in mid-run.</summary>
public sealed record RecordedEdit
{
    [JsonPropertyName("before_conn")]
    public required int BeforeChoice { get; init; }

    [JsonPropertyName("cmd")]
    public required string Command { get; init; }
}

/// <summary>What a hashing scheduler of the real IPVS chose for many clients (dh: for many destinations).</summary>
public sealed record RecordedHashing
{
    [JsonPropertyName("sched")]
    public required string Scheduler { get; init; }

    public required string Flags { get; init; }

    public required int[] Weights { get; init; }

    public required string[] Setup { get; init; }

    /// <summary>Address and port of each client or destination, and the server it got; null: refused.</summary>
    [JsonPropertyName("conns")]
    public required string?[][] Samples { get; init; }

    public static IReadOnlyList<RecordedHashing> All { get; } = RecordedRun.Load<RecordedHashing>("schedulers-hash.json.gz");

    public override string ToString() => $"{Scheduler} {string.Join(',', Weights)} {Flags}";
}
