using System.Globalization;

namespace Director.Lab.Tests.Harness;

/// <summary>A running tcpdump, whose file (kept under the logs) can then be asked with tcpdump's own filters.</summary>
public sealed class Capture
{
    private readonly LabProcess _tcpdump;

    private Capture(LabProcess tcpdump, string file)
    {
        _tcpdump = tcpdump;
        File = file;
    }

    /// <summary>In pcap's format.</summary>
    public string File { get; }

    internal static async Task<Capture> StartAsync(LabHost host, string name, string device, string filter, int snapLength)
    {
        string file = Path.Combine(host.Logs, $"{host.Name}-{name}.pcap");
        LabProcess tcpdump = host.Start($"tcpdump-{name}",
            $"tcpdump -n -U --immediate-mode -B 16384 -s {snapLength} -Z root -i {device} -w '{file}' '{filter}'");
        await tcpdump.SaysAsync("listening on");
        return new Capture(tcpdump, file);
    }

    /// <summary>Ends the capture.</summary>
    public Task StopAsync() => _tcpdump.StopAsync();

    /// <summary>One line a packet, of those that match; may be asked while it still runs.</summary>
    public async Task<string[]> LinesAsync(string filter = "", string options = "-e")
    {
        // -U writes whole packets; only the last line may still be under way, and tcpdump then says so and exits with 1.
        Output output = await Shell.RunAsync("host", [], $"tcpdump -nn -t {options} -r '{File}' '{filter}'", limit: TimeSpan.FromMinutes(1));
        return output.Lines;
    }

    /// <summary>When each packet passed, in seconds.</summary>
    public async Task<double[]> TimesAsync()
    {
        Output output = await Shell.RunAsync("host", [], $"tcpdump -nn -tt -r '{File}'", limit: TimeSpan.FromMinutes(1));
        return [.. output.Lines.Select(line => double.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))];
    }

    /// <summary>One line a packet, with all that tcpdump's -vv says of it: see <see cref="Packets"/>.</summary>
    public async Task<string[]> PacketsAsync(string filter = "")
    {
        List<string> packets = [];
        foreach (string line in await LinesAsync(filter, "-vv"))
        {
            // What goes on with the packet before is indented.
            if (packets.Count > 0 && char.IsWhiteSpace(line[0]))
                packets[^1] += $" {line.Trim()}";
            else
                packets.Add(line);
        }
        return [.. packets];
    }

    /// <summary>Waits until a packet that matches is in the file.</summary>
    public Task SeesAsync(string filter, TimeSpan? limit = null) =>
        Eventually.TrueAsync($"{_tcpdump.Host.Name} sees {filter}", async () => (await LinesAsync(filter)).Length > 0, limit,
            async () => string.Join('\n', await LinesAsync()));

    /// <summary>Fails if anything matches, and if the capture is empty: then it would prove nothing.</summary>
    public async Task NothingAsync(string filter)
    {
        Assert.NotEmpty(await LinesAsync());
        string[] lines = await LinesAsync(filter);
        if (lines.Length > 0)
            Assert.Fail($"{_tcpdump.Host.Name} should not have seen {filter}:\n{string.Join('\n', lines.Take(20))}");
    }
}
