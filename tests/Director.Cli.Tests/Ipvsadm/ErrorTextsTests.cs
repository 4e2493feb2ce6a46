using Director.Cli.Tests.Golden;
using Director.Cli.Transport;
using Director.Model;

namespace Director.Cli.Tests.Ipvsadm;

public sealed class ErrorTextsTests
{
    [Fact]
    public async Task Every_refusal_has_words_and_exit_code_255()
    {
        foreach (CommandError error in Enum.GetValues<CommandError>().Where(error => error != CommandError.None))
        {
            Answer answer = await Answer.OfAsync(new FixedDirector { Answer = new CommandResult(error, "because") }, "-C");
            Assert.Equal((255, ""), (answer.ExitCode, answer.Output));
            Assert.True(answer.Errors.Length > 10 && answer.Errors.EndsWith('\n'), $"{error}: {answer.Errors}");
        }
    }

    [Theory]
    [InlineData(CommandError.NotSupported, "Operation not supported: because\n")]
    [InlineData(CommandError.NotConfigured, "Operation not supported: because\n")]
    [InlineData(CommandError.Unavailable, "Director unavailable, nothing was changed: because\n")]
    public async Task Refusals_that_the_kernel_does_not_know_say_why(CommandError error, string text) =>
        Assert.Equal(text, (await Answer.OfAsync(new FixedDirector { Answer = new CommandResult(error, "because") }, "-C")).Errors);

    [Theory]
    [InlineData("-Ln")]
    [InlineData("-Lcn")]
    [InlineData("-S")]
    [InlineData("-L --timeout")]
    [InlineData("-L --daemon")]
    [InlineData("--start-daemon master --mcast-interface dm0")]
    [InlineData("-A -t 10.0.0.1:80")]
    [InlineData("-C")]
    public async Task Without_a_director_nothing_works_and_the_exit_code_is_2(string line)
    {
        FixedDirector none = new() { Unreachable = new DirectorUnreachableException(UnreachableReason.NoDirector, "no director at /x (is directord running?)") };
        Answer answer = await Answer.OfAsync(none, line);
        Assert.Equal((2, "Can't initialize ipvs: no director at /x (is directord running?)\n"), (answer.ExitCode, answer.Errors));
    }
}
