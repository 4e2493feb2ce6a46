using Director.Cli.Transport;

namespace Director.Cli.Tests.Golden;

/// <summary>
/// Every recorded command line again, group by group, each from an empty table. Output, errors and exit code are the same byte for
/// byte but for <see cref="Deviations"/>, which are the table in docs/ipvsadm.md.
/// </summary>
public sealed class RecordedCliTests(ITestOutputHelper report)
{
    private const string UsageText = "the usage text is our own";
    private const string ThresholdsAreSaved = "-S writes -x and -y: thresholds survive save and restore";

    /// <summary>Commands by number that answer otherwise on purpose. One that is here and matches is an error too.</summary>
    private static readonly Dictionary<int, string> Deviations = new()
    {
        [4] = UsageText,
        [5] = UsageText,
        [740] = ThresholdsAreSaved,
    };

    /// <summary>Not ours: other programs, which the recording session ran in between.</summary>
    private static readonly string[] OtherPrograms = ["uname", "cat", "ip"];

    public static TheoryData<string> Groups => [.. RecordedCommand.Cli.Select(command => command.Group).Distinct()];

    [Theory]
    [MemberData(nameof(Groups))]
    public async Task A_recorded_group_gets_the_same_answers(string group)
    {
        DirectorInMemory director = new();
        List<string> wrong = [];
        int exact = 0, commands = 0;
        foreach (RecordedCommand recorded in RecordedCommand.Cli.Where(command => command.Group == group))
        {
            if (OtherPrograms.Contains(recorded.Command.Split(' ')[0]) || recorded.Command.EndsWith("/proc/net/ip_vs", StringComparison.Ordinal))
                continue;
            commands++;
            Answer expected = new(recorded.ExitCode, recorded.Output, recorded.Errors);
            Answer answer = recorded.Arguments is { } arguments
                ? await Answer.OfAsync(director, arguments, recorded.Input)
                : await AsNobody(recorded);
            bool same = Comparable(recorded, answer) == Comparable(recorded, expected);
            exact += same ? 1 : 0;
            if (same == Deviations.ContainsKey(recorded.Number))
                wrong.Add($"{recorded.Number}: {recorded.Command}\n recorded {expected}\n answered {answer}");
        }
        report.WriteLine($"{group}: {exact} of {commands} exact");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Recorded as <c>setpriv ... ipvsadm ...</c>: here the socket refuses.</summary>
    private static Task<Answer> AsNobody(RecordedCommand recorded)
    {
        FixedDirector closed = new() { Unreachable = new DirectorUnreachableException(UnreachableReason.PermissionDenied, "no permission") };
        return Answer.OfAsync(closed, recorded.Command[(recorded.Command.IndexOf("ipvsadm ", StringComparison.Ordinal) + "ipvsadm ".Length)..]);
    }

    /// <summary>With <c>--nosort</c> the kernel lists services by hash, which tells nothing; their servers keep their order.</summary>
    private static Answer Comparable(RecordedCommand recorded, Answer answer) => !recorded.Command.Contains("--nosort")
        ? answer
        : answer with { Output = string.Join('\n', answer.Output.Replace("\n  ->", "|  ->", StringComparison.Ordinal).Split('\n').Order(StringComparer.Ordinal)) };
}
