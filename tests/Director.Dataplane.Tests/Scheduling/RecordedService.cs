using System.Globalization;
using System.Net;
using Director.Dataplane.Tables;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>A service that ipvsadm commands are applied to, as far as the recordings use them, with counts set from outside.</summary>
public sealed class RecordedService
{
    private Service? _service;
    private uint _slots;

    public Service Service => _service ?? throw new InvalidOperationException("the run has no -A yet");

    public static string NameOf(Server server) => $"rs{(server.Address.Ipv4 & 0xFF) - 10}";

    public void Apply(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? Option(string name) => Array.IndexOf(words, name) is >= 0 and int at ? words[at + 1] : null;
        switch (words[1])
        {
            case "-A":
                _service = new Service(ServiceOf(Option));
                break;
            case "-E":
                Service.Edit(ServiceOf(Option));
                break;
            case "-a":
                Service.Add(new Server(RealServerOf(Option), _slots++));
                break;
            case "-e":
                RealServer edited = RealServerOf(Option);
                Service.EditServer(Find(edited), edited);
                break;
            case "-d":
                Service.Remove(Find(RealServerOf(Option)));
                break;
            default:
                throw new NotSupportedException(command);
        }
    }

    /// <summary>Brings every server's counts to the recorded ones, by the connections that must have come, gone or changed.</summary>
    public void SetCounts(IReadOnlyDictionary<string, long[]> before)
    {
        Assert.Equal(before.Keys.Order(), Service.Servers.ToArray().Select(NameOf).Order());
        foreach (Server server in Service.Servers)
        {
            long[] recorded = before[NameOf(server)];
            Assert.Equal(recorded[0], server.Weight);
            (long active, long inactive) = (recorded[1], recorded[2]);
            while (server.ActiveConnections > active && server.InactiveConnections < inactive)
                server.ConnectionChanged(active: false);
            while (server.ActiveConnections < active && server.InactiveConnections > inactive)
                server.ConnectionChanged(active: true);
            while (server.ActiveConnections > active)
                server.ConnectionUnbound(active: true);
            while (server.InactiveConnections > inactive)
                server.ConnectionUnbound(active: false);
            while (server.ActiveConnections < active)
                server.ConnectionBound(active: true);
            while (server.InactiveConnections < inactive)
                server.ConnectionBound(active: false);
        }
    }

    private static VirtualService ServiceOf(Func<string, string?> option) => new()
    {
        Key = ServiceKey.ForMark(1),
        Scheduler = option("-s") ?? "wlc",
    };

    private static RealServer RealServerOf(Func<string, string?> option)
    {
        string address = option("-r")!;
        return new RealServer
        {
            Address = IPAddress.Parse(address.Split(':')[0]),
            Port = address.Contains(':', StringComparison.Ordinal) ? Number<ushort>(address.Split(':')[1]) : (ushort)0,
            Forwarding = ForwardingMethod.Masquerade,
            Weight = Number<int>(option("-w") ?? "1"),
            UpperThreshold = Number<uint>(option("-x") ?? "0"),
            LowerThreshold = Number<uint>(option("-y") ?? "0"),
        };
    }

    private static T Number<T>(string text) where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);

    private Server Find(RealServer at) =>
        Service.Servers.ToArray().Single(server => server.Configuration.IsAt(at.Address, at.Port));
}
