using Director.Cli.Tool;

namespace Director.Cli.Tests.Tool;

public sealed class DirectorToolTests
{
    [Theory]
    [InlineData("status --socket /run/x.sock")]
    [InlineData("--socket /run/x.sock status --json")]
    [InlineData("check --config /etc/director.conf")]
    [InlineData("mark list")]
    [InlineData("mark import --dry-run --socket /run/x.sock")]
    [InlineData("set")]
    public void Command_lines_that_are_right(string line) => Assert.Empty(DirectorTool.Build().Parse(line).Errors);

    [Theory]
    [InlineData("stat")]
    [InlineData("status extra")]
    [InlineData("status --socket")]
    [InlineData("check")]
    [InlineData("--bogus")]
    [InlineData("mark")]
    [InlineData("mark add")]
    [InlineData("mark clear all")]
    public async Task Command_lines_that_are_wrong_exit_with_2(string line)
    {
        Assert.NotEmpty(DirectorTool.Build().Parse(line).Errors);
        Assert.Equal(2, await DirectorTool.RunAsync(line.Split(' ')));
    }

    [Fact]
    public async Task No_director_exits_with_1() => Assert.Equal(1, await DirectorTool.RunAsync(["status", "--socket", "/nonexistent/director.sock"]));

    [Theory]
    [InlineData("ipvsadm", true)]
    [InlineData("/sbin/ipvsadm", true)]
    [InlineData("./ipvsadm", true)]
    [InlineData("/usr/bin/director", false)]
    [InlineData("/opt/ipvsadm/director", false)]
    public void The_name_says_which_program_it_is(string calledAs, bool ipvsadm) => Assert.Equal(ipvsadm, ProgramName.IsIpvsadm(calledAs));
}
