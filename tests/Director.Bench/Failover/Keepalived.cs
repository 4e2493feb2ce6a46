using System.Globalization;
using Director.Lab.Tests.Harness;
using Director.Lab.Tests.Topologies;

namespace Director.Bench.Failover;

/// <summary>keepalived on one host, at its defaults but for the interval, and with <c>nopreempt</c>: who came back stays backup, as ours does.</summary>
internal sealed class Keepalived
{
    private const string Gateway = "10.2.0.254";

    private static int _started;

    private readonly LabHost _host;
    private readonly LabProcess _process;

    private Keepalived(LabHost host, LabProcess process)
    {
        _host = host;
        _process = process;
    }

    public bool IsMaster => LastState() == "MASTER";

    public bool IsBackup => LastState() == "BACKUP";

    public static async Task<Keepalived> StartAsync(LabHost host, decimal advertSeconds)
    {
        string folder = Path.Combine(host.Scratch, "keepalived");
        Directory.CreateDirectory(folder);
        string configuration = Path.Combine(folder, "keepalived.conf");
        await File.WriteAllTextAsync(configuration, Configuration(advertSeconds));
        string number = Interlocked.Increment(ref _started).ToString(CultureInfo.InvariantCulture);
        LabProcess process = host.Start($"keepalived-{number}", $"keepalived --vrrp --dont-fork --log-console --log-detail --no-syslog -f {configuration} -p {folder}/{number}.pid -r {folder}/{number}-vrrp.pid");
        return new Keepalived(host, process);
    }

    /// <summary>All of its processes at once.</summary>
    public async Task KillAsync()
    {
        string[] ids = [.. (await Namespaces.ProcessesAsync(_host.Namespace)).Where(process => process.Name.StartsWith("keepalived", StringComparison.Ordinal))
            .Select(process => process.Id.ToString(CultureInfo.InvariantCulture))];
        (await Shell.RunAsync("host", [], $"kill -KILL {string.Join(' ', ids)}")).Succeeded();
    }

    public Task TerminateAsync() => _process.SignalAsync("TERM");

    /// <summary>And takes away what it left if it was killed.</summary>
    public async Task StopAsync()
    {
        await _process.StopAsync();
        await _host.RunAsync($"ip addr del {Pair.Vip}/16 dev eth0 2>/dev/null; ip addr del {Gateway}/16 dev eth1 2>/dev/null; true");
    }

    private string LastState()
    {
        const string Mark = "Entering ";
        string printed = _process.Printed();
        int at = printed.LastIndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? "" : printed[(at + Mark.Length)..].Split(' ')[0];
    }

    // Fractions of a second came with version 3 of VRRP.
    private static string Configuration(decimal advertSeconds) => string.Create(CultureInfo.InvariantCulture, $$"""
        global_defs {
          vrrp_version {{(advertSeconds < 1 ? 3 : 2)}}
        }
        vrrp_instance balancer {
          state BACKUP
          nopreempt
          interface eth0
          virtual_router_id 51
          priority 100
          advert_int {{advertSeconds}}
          virtual_ipaddress {
            {{Pair.Vip}}/16 dev eth0
            {{Gateway}}/16 dev eth1
          }
        }

        """);
}
