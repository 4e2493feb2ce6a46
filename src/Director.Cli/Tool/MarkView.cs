using System.Globalization;
using System.Text.Json;
using Director.Model;

namespace Director.Cli.Tool;

/// <summary><c>director mark list</c> and <c>import</c>: one rule a line, to be copied from there.</summary>
internal static class MarkView
{
    public static void WriteJson(MarksListing listing, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(listing, DirectorJson.Default.MarksListing));

    public static void Write(MarksListing listing, TextWriter output)
    {
        if (listing.Rules.Length == 0)
        {
            output.WriteLine("no mark rules");
            return;
        }
        int width = listing.Rules.Length.ToString(CultureInfo.InvariantCulture).Length;
        foreach (MarkEntry entry in listing.Rules)
        {
            string number = entry.Number.ToString(CultureInfo.InvariantCulture).PadLeft(width);
            output.WriteLine($"{number}  {(entry.Origin == MarkOrigin.Configuration ? "configured" : "added     ")}  {entry.Rule}");
            if (entry.Warning is { } warning)
                output.WriteLine($"{new string(' ', width)}              warning: {warning}");
        }
    }

    public static void Write(MarkImportResult result, bool dryRun, TextWriter output)
    {
        if (result.Added.Length + result.Known.Length + result.Left.Length == 0)
            output.WriteLine("the host has no rules in mangle/PREROUTING");
        foreach (MarkRule rule in result.Added)
            output.WriteLine($"{(dryRun ? "would add" : "added")}: {rule}");
        foreach (MarkRule rule in result.Known)
            output.WriteLine($"known: {rule}");
        foreach (LeftRule left in result.Left)
            output.WriteLine($"left: {left.Line} ({left.Reason})");
    }
}
