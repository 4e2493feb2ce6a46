namespace Director.Cli.Tool.RealServers;

/// <summary>One thing to do on the real server, why, and how it is taken back.</summary>
internal sealed record SetupStep(string Why, string[] Do, string[] Undo);

/// <summary>A shell script for a real server; run twice it does no more than run once.</summary>
/// <param name="Title">What the server becomes.</param>
/// <param name="Steps">In the order in which they are done; taken back from the last to the first.</param>
/// <param name="Hints">What no command can do.</param>
internal sealed record SetupScript(string Title, SetupStep[] Steps, params string[] Hints)
{
    public void Write(bool undo, TextWriter output)
    {
        output.Write("#!/bin/sh\n");
        WriteComment($"{Title}{(undo ? ": takes back what the script without --undo does" : "")}.", output);
        WriteComment(Steps.Length == 0 ? "There is nothing to run." : "To be run as root on the real server, not on the director.", output);
        if (Steps.Length > 0 && !undo)
        {
            WriteComment("It does not outlive a restart: have it run at each boot.", output);
            output.Write("set -e\n");
        }
        foreach (SetupStep step in undo ? Steps.Reverse() : Steps)
        {
            output.Write('\n');
            if (!undo)
                WriteComment(step.Why, output);
            foreach (string command in undo ? step.Undo : step.Do)
                output.Write($"{command}\n");
        }
        if (undo || Hints.Length == 0)
            return;
        output.Write('\n');
        foreach (string hint in Hints)
            WriteComment(hint, output);
    }

    private static void WriteComment(string text, TextWriter output)
    {
        foreach (string line in text.Split('\n'))
            output.Write($"# {line}\n");
    }
}
