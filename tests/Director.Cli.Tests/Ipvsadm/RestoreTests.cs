using Director.Cli.Tests.Golden;

namespace Director.Cli.Tests.Ipvsadm;

public sealed class RestoreTests
{
    [Fact]
    public async Task Lines_are_one_transaction()
    {
        DirectorInMemory director = new();
        string lines = string.Concat(Enumerable.Range(1, 1000).Select(port => $"-A -t 10.0.0.1:{port} -s rr\n"));
        Assert.Equal(new Answer(0, "", ""), await Answer.OfAsync(director, "-R", lines));
        Assert.Equal([1000], director.Batches);
    }

    [Theory]
    [InlineData("-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n-A -t 10.0.0.1:81\n", 0, "Service already exists\n")]
    [InlineData("-A -t 10.0.0.1:80\n-A -t 10.0.0.1:80\n", 255, "Service already exists\n")]
    [InlineData("-A -t 10.0.0.1:80 -s\n-C\n", 0, "-s: missing argument\n")]
    [InlineData("-C\n-A -t 10.0.0.1:80 -s\n", 255, "-s: missing argument\n")]
    [InlineData("-C\n-D -t 10.0.0.1:80\n-A\n-C\n", 2, "No such service\nYou need to supply the 'service-address' option for the 'add-service' command\n")]
    [InlineData("-L -t 10.0.0.9:80\n-A -t 10.0.0.1:80 -w\n", 1, "No such service\n")]
    [InlineData("-R\n-C\n", 255, "Try `ipvsadm -h' or 'ipvsadm --help' for more information.\n")]
    public async Task The_exit_code_is_the_last_lines_and_errors_of_ours_end_it(string lines, int exitCode, string errors) =>
        Assert.Equal(new Answer(exitCode, "", errors), await Answer.OfAsync(new DirectorInMemory(), "-R", lines));

    [Fact]
    public async Task A_listing_sees_the_lines_before_it()
    {
        DirectorInMemory director = new();
        Answer answer = await Answer.OfAsync(director, "-R", "ipvsadm -A -t 10.0.0.1:80\r\n\n \t \nipvsadm\n-S -n\n-A\t-t\t10.0.0.1:81\n");
        Assert.Equal(new Answer(0, "-A -t 10.0.0.1:80 -s wlc\n", ""), answer);
        Assert.Equal([1, 1], director.Batches);
    }

    [Fact]
    public async Task Help_ends_it()
    {
        DirectorInMemory director = new();
        Answer answer = await Answer.OfAsync(director, "-R", "-v\n-A -t 10.0.0.1:80\n");
        Assert.Equal(new Answer(0, "ipvsadm v1.31 2019/12/24 (compiled with popt and IPVS v1.2.1)\n", ""), answer);
        Assert.Empty(director.Batches);
    }
}
