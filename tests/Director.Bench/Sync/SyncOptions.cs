using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Director.Bench.Sync;

/// <summary>What may be asked of <c>./bench --sync</c>.</summary>
internal sealed record SyncOptions
{
    public const string Usage = "usage: ./bench --sync [--rates N,N,...] [--seconds N] [--lifetime N] [--newcomers N] [--connections N] [--runs N]";

    /// <summary>New connections a second, one step each.</summary>
    public int[] Rates { get; init; } = [10_000, 25_000, 50_000, 100_000];

    /// <summary>How long connections are opened for in each step.</summary>
    public int Seconds { get; init; } = 8;

    /// <summary>Seconds after which a connection ends, which is synced too; 0: none ends within its step.</summary>
    public int Lifetime { get; init; }

    /// <summary>Of each step.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>Times that a standby is started anew beside a full table.</summary>
    public int Newcomers { get; init; } = 3;

    /// <summary>In that table.</summary>
    public int Connections { get; init; } = 1_000_000;

    public static bool TryParse(string[] words, [NotNullWhen(true)] out SyncOptions? options)
    {
        options = new SyncOptions();
        for (int i = 0; i < words.Length && options is not null; i += 2)
        {
            string text = words.ElementAtOrDefault(i + 1) ?? "";
            bool isNumber = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            options = words[i] switch
            {
                "--rates" when TryParseRates(text, out int[] rates) => options with { Rates = rates },
                "--seconds" when isNumber && number > 0 => options with { Seconds = number },
                "--lifetime" when isNumber => options with { Lifetime = number },
                "--runs" when isNumber && number > 0 => options with { Runs = number },
                "--newcomers" when isNumber => options with { Newcomers = number },
                "--connections" when isNumber && number > 0 && number <= SyncLab.MostConnections => options with { Connections = number },
                _ => null,
            };
        }
        return options is not null;
    }

    // None at all is sensible: only newcomers are measured then.
    private static bool TryParseRates(string text, out int[] rates)
    {
        string[] words = text == "none" ? [] : text.Split(',');
        rates = [.. words.Select(word => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int rate) ? rate : 0)];
        return rates.All(rate => rate > 0);
    }
}
