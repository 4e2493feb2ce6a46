using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Director.Model;

namespace Director.Cli.Tool;

/// <summary><c>director mark</c>: the rules that mark packets for services by firewall mark (<c>ipvsadm -f</c>).</summary>
internal static class MarkCommands
{
    private const string RuleHelp = """
        What follows iptables -t mangle -A PREROUTING, for example
        -d 10.1.0.100 -p tcp -m multiport --dports 80,443 -j MARK --set-mark 7
        (-s, -d, -p, --sport, --dport, -m multiport, -i, -m comment; ! negates). In quotes, each argument is a rule
        """;

    public static Command Build(Option<string?> socket) => new("mark", "Rules that mark packets for services by firewall mark (ipvsadm -f), in iptables' notation")
    {
        Add(socket),
        Delete(socket),
        List(socket),
        Clear(socket),
        Import(socket),
    };

    private static Command Add(Option<string?> socket)
    {
        Argument<string[]> words = new("RULE") { Description = RuleHelp, Arity = ArgumentArity.OneOrMore };
        Command command = new("add", "Add a rule behind the others; it is kept over restarts") { words };
        command.SetAction((parsed, _) => TryRead(parsed.GetValue(words)!, out ImmutableArray<MarkRule> rules, out string? error)
            ? DirectorCall.ExecuteAsync(parsed, socket, new AddMarks([.. rules]))
            : Task.FromResult(DirectorCall.Wrong(parsed, error!)));
        return command;
    }

    private static Command Delete(Option<string?> socket)
    {
        Argument<string[]> words = new("RULE|NUMBER") { Description = "The rule as it was added, or its number in director mark list", Arity = ArgumentArity.OneOrMore };
        Command command = new("delete", "Delete a rule that was added") { words };
        command.SetAction((parsed, _) =>
        {
            string[] given = parsed.GetValue(words)!;
            if (given is [var text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                return DirectorCall.ExecuteAsync(parsed, socket, new DeleteMark(number));
            return TryRead(given, out ImmutableArray<MarkRule> rules, out string? error)
                ? DirectorCall.ExecuteAsync(parsed, socket, new DeleteMarks([.. rules]))
                : Task.FromResult(DirectorCall.Wrong(parsed, error!));
        });
        return command;
    }

    private static Command List(Option<string?> socket)
    {
        Option<bool> json = new("--json") { Description = "As JSON, for programs" };
        Command command = new("list", "List the rules in the order in which they apply: those of the configuration, then those that were added") { json };
        command.SetAction((parsed, _) => DirectorCall.RunAsync(parsed, socket, async (director, output) =>
        {
            MarksListing listing = await director.GetMarksAsync().ConfigureAwait(false);
            if (parsed.GetValue(json))
                MarkView.WriteJson(listing, output);
            else
                MarkView.Write(listing, output);
            return 0;
        }));
        return command;
    }

    private static Command Clear(Option<string?> socket)
    {
        Command command = new("clear", "Delete every rule that was added; those of the configuration stay");
        command.SetAction((parsed, _) => DirectorCall.ExecuteAsync(parsed, socket, new ClearMarks()));
        return command;
    }

    private static Command Import(Option<string?> socket)
    {
        Option<bool> dryRun = new("--dry-run") { Description = "Only tell what would be added" };
        Command command = new("import", "Take over the MARK rules of the host's own table mangle, chain PREROUTING, which run too late for the director") { dryRun };
        command.SetAction((parsed, _) => DirectorCall.RunAsync(parsed, socket, async (director, output) =>
        {
            bool dry = parsed.GetValue(dryRun);
            MarkView.Write(await director.ImportMarksAsync(dry).ConfigureAwait(false), dry, output);
            return 0;
        }));
        return command;
    }

    /// <summary>The words of one rule, as the shell cut them; or, where a word has blanks, a rule each.</summary>
    private static bool TryRead(string[] words, out ImmutableArray<MarkRule> rules, out string? error)
    {
        if (!words[0].Contains(' ', StringComparison.Ordinal))
            return MarkRule.TryParse(words, null, out rules, out error);
        (rules, error) = ([], null);
        foreach (string text in words)
        {
            if (!MarkRule.TryParse(text, out ImmutableArray<MarkRule> more, out error))
                return false;
            rules = rules.AddRange(more);
        }
        return true;
    }
}
