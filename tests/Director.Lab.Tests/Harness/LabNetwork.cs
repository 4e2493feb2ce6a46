using System.Runtime.CompilerServices;
using System.Text;

namespace Director.Lab.Tests.Harness;

/// <summary>
/// A small network of namespaces: hosts, joined by segments (bridges in a namespace of their own, so that nothing is made in
/// the machine's own network). Described first, then built in one go by <see cref="BuildAsync"/>; gone after disposal.
/// </summary>
public sealed class LabNetwork : IAsyncDisposable
{
    private readonly StringBuilder _script = new("set -e\n");
    private readonly HashSet<string> _segments = [];
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly string _prefix;

    /// <param name="test">Part of the namespaces' names and of the log folder's.</param>
    public LabNetwork([CallerMemberName] string test = "")
    {
        _prefix = $"{LabRun.Prefix}-{test}";
        Switch = $"{_prefix}-switch";
        Logs = Path.Combine(Repository.Logs, test);
        // Short, for the 108 bytes of a Unix socket's path.
        Scratch = Path.Combine("/tmp", $"{LabRun.Prefix}-{Convert.ToHexStringLower(BitConverter.GetBytes(StableHash(test)))}");
    }

    /// <summary>Logs and captures; kept.</summary>
    public string Logs { get; }

    /// <summary>Data folders and sockets; removed at the end.</summary>
    public string Scratch { get; }

    private string Switch { get; }

    public LabHost Host(string name)
    {
        LabHost host = new(this, name, $"{_prefix}-{name}");
        Configure($"""
            ip netns add {host.Namespace}
            ip -n {host.Namespace} link set lo up
            ip netns exec {host.Namespace} sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
            """);
        return host;
    }

    /// <summary>More lines for the script that builds the lab; it runs on the host and stops at the first error.</summary>
    public void Configure(string lines) => _script.Append(lines).Append('\n');

    /// <summary>Everything that has been described, empty folders included.</summary>
    public async Task BuildAsync()
    {
        await RemoveAsync();
        if (Directory.Exists(Logs))
            Directory.Delete(Logs, recursive: true);
        Directory.CreateDirectory(Logs);
        Directory.CreateDirectory(Scratch);
        string script = $"ip netns add {Switch}\n{_script}";
        (await Shell.RunAsync("host", [], script)).Succeeded();
    }

    /// <summary>A veth pair between the host and the segment, which is made when it is first named.</summary>
    internal void Connect(LabHost host, string device, string segment)
    {
        if (_segments.Add(segment))
        {
            Configure($"""
                ip -n {Switch} link add {segment} type bridge forward_delay 0 mcast_snooping 0
                ip -n {Switch} link set {segment} up
                """);
        }
        string port = $"{host.Name}-{device}";
        Configure($"""
            ip link add {device} netns {host.Namespace} type veth peer name {port} netns {Switch}
            ip -n {Switch} link set {port} master {segment} up
            ip -n {host.Namespace} link set {device} up
            """);
    }

    /// <summary>Runs on the switch: <c>ip link set rs1-eth0 down</c> pulls a cable, ports are named HOST-DEVICE.</summary>
    public async Task<Output> OnSwitchAsync(string command) => (await Shell.RunAsync("switch", Namespaces.Words(Switch), command)).Succeeded();

    /// <summary>Captures what a port of the switch (HOST-DEVICE) takes from that host.</summary>
    public Task<Capture> CaptureFromAsync(string port, string filter) =>
        Capture.StartAsync(new LabHost(this, "switch", Switch), port, $"{port} -Q in", filter, snapLength: 128);

    /// <summary>A file system of this size at <paramref name="folder"/>, which is made, in <see cref="Scratch"/>; gone with the lab.</summary>
    public async Task MountAsync(string folder, int megabytes)
    {
        if (!IsScratch(folder))
            throw new ArgumentException($"{folder} is not in {Scratch}, and would stay.", nameof(folder));
        Directory.CreateDirectory(folder);
        (await Shell.RunAsync("host", [], $"mount -t tmpfs -o size={megabytes}m lab {folder}")).Succeeded();
    }

    internal T Own<T>(T started)
        where T : IAsyncDisposable
    {
        _owned.Add(started);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        // The last started goes first: captures and load before directors, directors before servers.
        for (int i = _owned.Count - 1; i >= 0; i--)
            await _owned[i].DisposeAsync();
        await RemoveAsync();
    }

    private async Task RemoveAsync()
    {
        await Namespaces.RemoveAsync(_prefix + "-");
        // Also those of a run that was killed.
        foreach (string folder in File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(IsScratch).ToArray())
            await Shell.RunAsync("host", [], $"umount -l {folder}");
        if (Directory.Exists(Scratch))
            Directory.Delete(Scratch, recursive: true);
    }

    private bool IsScratch(string folder) => folder.StartsWith(Scratch + "/", StringComparison.Ordinal);

    /// <summary>FNV-1a: the same in every run, so that a later run finds what a dead one left.</summary>
    private static uint StableHash(string text) => text.Aggregate(2166136261u, (hash, c) => unchecked((hash ^ c) * 16777619u));
}
