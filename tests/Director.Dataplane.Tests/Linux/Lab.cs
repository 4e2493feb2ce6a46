using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace Director.Dataplane.Tests.Linux;

/// <summary>Network namespaces of one test, with names of its own; removed at the end with all that lives in them.</summary>
public sealed partial class Lab : IDisposable
{
    private readonly string _prefix = $"dlx-{Environment.ProcessId}-{Guid.NewGuid().ToString("N")[..6]}-";
    private readonly List<string> _names = [];

    /// <summary>Visible in the results: such a test proves something only with privilege.</summary>
    public Lab(params ReadOnlySpan<string> names)
    {
        Assert.SkipUnless((uint)geteuid() == 0, "needs root: it makes network namespaces");
        foreach (string name in names)
        {
            Run("ip", "netns", "add", _prefix + name);
            _names.Add(name);
            Ip(name, "link set lo up");
            Sysctl(name, "net.ipv6.conf.all.disable_ipv6=1");
            Sysctl(name, "net.ipv6.conf.default.disable_ipv6=1");
        }
    }

    /// <summary>
    /// IPv6 on what is made in this namespace from now on, with addresses that are usable at once and nothing configured by
    /// advertisements: a link-local address made of the MAC address is all that comes by itself.
    /// </summary>
    public void EnableIpv6(string name)
    {
        Sysctl(name, "net.ipv6.conf.default.accept_dad=0");
        Sysctl(name, "net.ipv6.conf.default.accept_ra=0");
        Sysctl(name, "net.ipv6.conf.default.router_solicitations=0");
        Sysctl(name, "net.ipv6.conf.default.disable_ipv6=0");
        Sysctl(name, "net.ipv6.conf.lo.disable_ipv6=0");
        Sysctl(name, "net.ipv6.conf.all.disable_ipv6=0");
    }

    /// <summary>A veth pair between two namespaces, both ends up, with fixed MAC addresses.</summary>
    public void Connect(string left, string leftDevice, string leftMac, string right, string rightDevice, string rightMac)
    {
        Run("ip", "link", "add", leftDevice, "netns", _prefix + left, "address", leftMac, "type", "veth",
            "peer", "name", rightDevice, "netns", _prefix + right, "address", rightMac);
        Ip(left, $"link set {leftDevice} up");
        Ip(right, $"link set {rightDevice} up");
    }

    /// <summary>ip(8) in a namespace.</summary>
    public void Ip(string name, string arguments) => Run("ip", ["-n", _prefix + name, .. arguments.Split(' ')]);

    public void Sysctl(string name, string setting) => Exec(name, $"sysctl -qw {setting}");

    /// <summary>A program in a namespace; its output.</summary>
    public string Exec(string name, string command) => Run("ip", ["netns", "exec", _prefix + name, .. command.Split(' ')]);

    /// <summary>A counter of /proc/net/snmp or netstat, e.g. "Tcp" "InCsumErrors".</summary>
    public long Counter(string name, string group, string counter)
    {
        string[][] lines = [.. Exec(name, "cat /proc/net/snmp /proc/net/netstat").Split('\n')
            .Where(line => line.StartsWith(group + ":", StringComparison.Ordinal)).Select(line => line.Split(' '))];
        return long.Parse(lines[1][Array.IndexOf(lines[0], counter)], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Runs <paramref name="body"/> on a thread of its own inside the namespace: sockets it opens stay there.</summary>
    public Task In(string name, Action body)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Enter("/run/netns/" + _prefix + name);
                body();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        })
        { IsBackground = true, Name = name };
        thread.Start();
        return done.Task;
    }

    /// <summary>As <see cref="In(string, Action)"/>, waiting for it.</summary>
    public T In<T>(string name, Func<T> body)
    {
        T result = default!;
        try
        {
            In(name, () => { result = body(); }).Wait(TestContext.Current.CancellationToken);
        }
        catch (AggregateException error) when (error.InnerExceptions.Count == 1)
        {
            ExceptionDispatchInfo.Throw(error.InnerExceptions[0]);
        }
        return result;
    }

    /// <summary>Takes every privilege from the calling thread, for good: for a body of <see cref="In(string, Action)"/>.</summary>
    public static unsafe void DropPrivileges()
    {
        const int setCapabilities = 126; // capset(2) on x86-64; it works on one thread
        uint* header = stackalloc uint[] { 0x20080522, 0 }; // _LINUX_CAPABILITY_VERSION_3, this thread
        uint* none = stackalloc uint[6];
        Assert.Equal(0, Native.SystemCall(setCapabilities, header, none));
    }

    public void Dispose()
    {
        foreach (string name in _names)
            Run("ip", "netns", "del", _prefix + name);
    }

    private static unsafe partial class Native
    {
        [LibraryImport("libc", EntryPoint = "syscall")]
        public static partial nint SystemCall(nint number, void* first, void* second);
    }

    private static unsafe void Enter(string path)
    {
        fixed (byte* bytes = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            int descriptor = open(bytes, O_RDONLY | O_CLOEXEC, default);
            Assert.True(descriptor >= 0, path);
            Assert.Equal(0, setns(descriptor, CLONE_NEWNET));
            _ = close(descriptor);
        }
    }

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {errors.Result}");
        return output;
    }
}
