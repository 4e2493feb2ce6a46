using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Director.Lab.Tests.Topologies;

namespace Director.Bench.Failover;

/// <summary>What may be asked of <c>./bench --failover</c>.</summary>
internal sealed record FailoverOptions
{
    public const string Usage = "usage: ./bench --failover [--runs N] [--method nat|dr|tun|fullnat]";

    /// <summary>Take-overs of each kind.</summary>
    public int Runs { get; init; } = 20;

    public ForwardingSetup Method { get; init; } = ForwardingSetup.Masquerading;

    public static bool TryParse(string[] words, [NotNullWhen(true)] out FailoverOptions? options)
    {
        options = new FailoverOptions();
        for (int i = 0; i < words.Length && options is not null; i += 2)
        {
            options = (words[i], words.ElementAtOrDefault(i + 1)) switch
            {
                ("--runs", { } text) when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int runs) && runs > 0 =>
                    options with { Runs = runs },
                ("--method", { } text) when ForwardingSetup.All.FirstOrDefault(setup => setup.Name == text) is { } method =>
                    options with { Method = method },
                _ => null,
            };
        }
        return options is not null;
    }
}
