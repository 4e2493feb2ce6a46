using System.Globalization;
using System.Text;

namespace Director.Bench.Failover;

/// <summary>Medians and maxima by product, setting and ending, and how they compare with ours at the same ending.</summary>
internal sealed class FailoverTable
{
    private const string Head = """
        | balancer | setting | the owner's end | runs | gap, median | max | slowest request, median | max | broken of 200, median | max | gap : HaDirector's | : its at 10 ms |
        |---|---|---|---|---|---|---|---|---|---|---|---|

        """;

    private readonly IBalancerPair[] _pairs;
    private readonly List<TakeOver> _takeOvers;

    public FailoverTable(IBalancerPair[] pairs, List<TakeOver> takeOvers)
    {
        _pairs = pairs;
        _takeOvers = takeOvers;
    }

    /// <summary>Each run of ours measured something and broke no connection, and each row of the peer's has something to compare with.</summary>
    public bool IsWhole => _takeOvers.TrueForAll(run => !run.Pair.IsOurs || run is { Failure: null, Broken: 0 })
        && _takeOvers.GroupBy(run => run.Ending).All(row => row.Any(run => run.Failure is null));

    public string ToMarkdown()
    {
        StringBuilder text = new(Head);
        foreach (IBalancerPair pair in _pairs)
        {
            foreach (Ending ending in pair.Endings)
                text.Append(Row(pair, ending)).Append('\n');
        }
        foreach (TakeOver failed in _takeOvers.Where(run => run.Failure is not null))
            text.Append(CultureInfo.InvariantCulture, $"\nFAILED: {failed}\n");
        foreach (TakeOver broke in _takeOvers.Where(run => run.Pair.IsOurs && run.Broken > 0))
            text.Append(CultureInfo.InvariantCulture, $"\nBROKEN: {broke}\n");
        return text.ToString();
    }

    private string Row(IBalancerPair pair, Ending ending)
    {
        TakeOver[] all = [.. _takeOvers.Where(run => run.Pair == pair && run.Ending == ending)];
        TakeOver[] measured = [.. all.Where(run => run.Failure is null)];
        string runs = measured.Length == all.Length ? $"{all.Length}" : $"**{measured.Length} of {all.Length}**";
        if (measured.Length == 0)
            return $"| {pair.Name} | {pair.Setting} | {ending.Name} | {runs} | | | | | | | | |";
        string broken = Figures(measured, run => run.Broken, "", pair.IsOurs);
        return $"| {pair.Name} | {pair.Setting} | {ending.Name} | {runs} | {Figures(measured, run => run.GapMilliseconds, " ms")} | "
            + $"{Figures(measured, run => run.SlowestMilliseconds, " ms")} | {broken} | {Ratio(measured, ending, 0)} | {Ratio(measured, ending, 1)} |";
    }

    private static string Figures(TakeOver[] runs, Func<TakeOver, double> figure, string unit, bool mustBeNone = false)
    {
        double[] figures = [.. runs.Select(figure)];
        string most = string.Create(CultureInfo.InvariantCulture, $"{figures.Max():F0}{unit}");
        return string.Create(CultureInfo.InvariantCulture, $"{Median(figures):F0}{unit} | {(mustBeNone && figures.Max() > 0 ? $"**{most}**" : most)}");
    }

    /// <summary>Of the medians; the pair at <paramref name="position"/> is what is compared with.</summary>
    private string Ratio(TakeOver[] measured, Ending ending, int position)
    {
        double[] theirs = [.. _takeOvers.Where(run => run.Pair == _pairs[position] && run.Ending.Kind == ending.Kind && run.Failure is null)
            .Select(run => run.GapMilliseconds)];
        return ending.MovesOwnership && theirs.Length > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{Median([.. measured.Select(run => run.GapMilliseconds)]) / Median(theirs):F2}")
            : "";
    }

    private static double Median(double[] figures)
    {
        double[] sorted = [.. figures.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
