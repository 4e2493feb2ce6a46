using System.Globalization;

namespace Director.Lab.Tests.Harness;

/// <summary>A host of a lab: one network namespace.</summary>
public sealed class LabHost
{
    private readonly LabNetwork _network;
    private int _devices;

    internal LabHost(LabNetwork network, string name, string @namespace)
    {
        _network = network;
        Name = name;
        Namespace = @namespace;
    }

    public string Name { get; }

    public string Namespace { get; }

    public string Logs => _network.Logs;

    /// <summary>A folder of this host's for data and sockets.</summary>
    public string Scratch => Path.Combine(_network.Scratch, Name);

    /// <summary>The next of eth0, eth1, ... on <paramref name="segment"/>, with an address unless it is null.</summary>
    public LabHost Connect(string segment, string? address = null)
    {
        string device = $"eth{_devices++}";
        _network.Connect(this, device, segment);
        return address is null ? this : Configure($"ip addr add {address} dev {device}");
    }

    public LabHost Gateway(string address) => Configure($"ip route add default via {address}");

    /// <summary>Turns IPv6 on, with these addresses (<c>fd00:1::2/64 dev eth0</c>), which are usable at once.</summary>
    public LabHost Ipv6(params string[] addresses)
    {
        Sysctl("net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0");
        foreach (string address in addresses)
            Configure($"ip -6 addr add {address} nodad");
        return this;
    }

    public LabHost Sysctl(string setting) => Configure($"sysctl -qw {setting}");

    /// <summary>A command of the lab's building, inside this host.</summary>
    public LabHost Configure(string command)
    {
        _network.Configure($"ip netns exec {Namespace} {command}");
        return this;
    }

    /// <summary>Runs shell text in this host. A non-zero exit is the caller's to judge: see <see cref="RunAsync"/>.</summary>
    public Task<Output> TryAsync(string command, string? input = null, TimeSpan? limit = null) =>
        Shell.RunAsync(Name, Namespaces.Words(Namespace), command, input, limit);

    /// <summary>As <see cref="TryAsync"/>, but a non-zero exit fails the test.</summary>
    public async Task<Output> RunAsync(string command, string? input = null, TimeSpan? limit = null) =>
        (await TryAsync(command, input, limit)).Succeeded();

    /// <summary>Starts shell text in the background; its output goes to <c>HOST-NAME.log</c>. Ended at the latest with the lab.</summary>
    public LabProcess Start(string name, string command) => _network.Own(LabProcess.Start(this, name, command));

    /// <summary>Captures what passes at <paramref name="device"/>; returns once it is listening.</summary>
    public Task<Capture> CaptureAsync(string name, string device, string filter = "", int snapLength = 256) =>
        Capture.StartAsync(this, name, device, filter, snapLength);

    public async Task<string> MacAsync(string device) => (await RunAsync($"cat /sys/class/net/{device}/address")).Text.Trim();

    /// <summary>A counter of <c>/proc/net/snmp</c> or <c>/proc/net/netstat</c>, e.g. <c>Tcp</c>, <c>InCsumErrors</c>.</summary>
    public async Task<long> CounterAsync(string protocol, string counter)
    {
        // Two lines each: names, then values.
        string[][] rows = [.. (await RunAsync("cat /proc/net/snmp /proc/net/netstat")).Lines.Select(line => line.Split(' '))];
        for (int i = 0; i + 1 < rows.Length; i++)
        {
            int column = Array.IndexOf(rows[i], counter);
            if (rows[i][0] == protocol + ":" && column > 0)
                return long.Parse(rows[i + 1][column], CultureInfo.InvariantCulture);
        }
        throw new ArgumentException($"no counter {protocol} {counter}");
    }
}
