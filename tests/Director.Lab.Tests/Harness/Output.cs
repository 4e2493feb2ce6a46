namespace Director.Lab.Tests.Harness;

/// <summary>What a command printed and how it ended. <see cref="Where"/> is the lab host that it ran on.</summary>
public sealed record Output(string Where, string Command, int ExitCode, string Text, string Errors)
{
    public string[] Lines => Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fails the test, with everything that was printed, unless the command exited with 0.</summary>
    public Output Succeeded()
    {
        if (ExitCode != 0)
            Assert.Fail($"{this}");
        return this;
    }

    public override string ToString() => $"{Where}# {Command}\nexit code {ExitCode}\n{Text}{Errors}";
}
