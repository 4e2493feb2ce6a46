using System.CommandLine;
using System.Diagnostics;
using Director.Cli.Tool;

namespace Director.Cli.Tests.Tool.RealServers;

/// <summary>The scripts as they are printed, beside this file.</summary>
public sealed class RealServerCommandTests
{
    public static TheoryData<string, string> Scripts => new()
    {
        { "dr.sh", "--method dr --vip 10.1.0.100 10.1.0.101 --vip fd00::100" },
        { "dr-undo.sh", "--undo --vip 10.1.0.100 --vip 10.1.0.101 fd00::100 10.1.0.100 --method dr" },
        { "dr-ipv6.sh", "--method dr --vip fd00::100" },
        { "dr-arptables.sh", "--method dr --vip 10.1.0.100 --arp arptables" },
        { "dr-arptables-undo.sh", "--method dr --vip 10.1.0.100 --arp arptables --undo" },
        { "tun.sh", "--method tun --vip 10.1.0.100 fd00::100 --arp sysctl" },
        { "tun-undo.sh", "--method tun --vip 10.1.0.100 fd00::100 --undo" },
        { "nat.sh", "--method nat --gateway 10.2.0.254" },
        { "nat-undo.sh", "--method nat --gateway fd00:2::254 --undo" },
        { "fullnat.sh", "--method fullnat --vip 10.1.0.100" },
    };

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Tool", "RealServers");

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_script_is_what_its_file_says(string file, string arguments)
    {
        (int exitCode, string output, string errors) = await RunAsync(arguments);
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Folder, file), TestContext.Current.CancellationToken), output);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task A_shell_understands_it(string file, string arguments)
    {
        using Process shell = Process.Start(new ProcessStartInfo("sh", ["-n", Path.Combine(Folder, file)]) { RedirectStandardError = true })!;
        Assert.Equal("", await shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(shell.ExitCode == 0, arguments);
    }

    [Fact]
    public void Every_file_has_its_test() => Assert.Equal(
        Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal),
        Scripts.Select(row => row.Data.Item1).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("--method dr", "--method dr wants --vip: the addresses of the services")]
    [InlineData("--method tun --vip 10.1.0", "--vip: '10.1.0' is not an address")]
    [InlineData("--method dr --vip 10.1.0.100/32", "--vip: '10.1.0.100/32' is not an address")]
    [InlineData("--method dr --vip fe80::1%eth0", "--vip: 'fe80::1%eth0' is not an address")]
    [InlineData("--method nat", "--method nat wants --gateway: a floating address of the director in the server's subnet")]
    [InlineData("--method nat --gateway x", "--gateway: 'x' is not an address")]
    [InlineData("--method dr --vip 10.1.0.100 --gateway 10.2.0.254", "--gateway is for --method nat: with the others the default route stays as it is")]
    [InlineData("--method fullnat --arp sysctl", "--arp is for --method dr and tun: with the others the server does not have the VIP")]
    public async Task What_does_not_fit_together_is_said(string arguments, string expected) =>
        Assert.Equal((2, "", $"director: {expected}\n"), await RunAsync(arguments));

    [Theory]
    [InlineData("--vip 10.1.0.100")]
    [InlineData("--method ipip --vip 10.1.0.100")]
    [InlineData("--method dr --vip 10.1.0.100 --arp iptables")]
    public void Words_that_no_option_has_are_refused(string arguments) => Assert.NotEmpty(DirectorTool.Parse([.. $"real-server-setup {arguments}".Split(' ')]).Errors);

    private static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string arguments)
    {
        using StringWriter output = new(), errors = new();
        int exitCode = await DirectorTool.Parse([.. $"real-server-setup {arguments}".Split(' ')])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = errors }, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), errors.ToString());
    }
}
