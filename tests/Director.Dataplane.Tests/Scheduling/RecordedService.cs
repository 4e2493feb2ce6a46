using System.Globalization;
using System.Net;
using Director.Dataplane.Connections;
using Director.Dataplane.Scheduling;
using Director.Dataplane.Tables;
using Director.Dataplane.Wire;
using Director.Model;

namespace Director.Dataplane.Tests.Scheduling;

/// <summary>A service that ipvsadm commands are applied to, as far as the recordings use them, with counts set from outside.</summary>
public sealed class RecordedService
{
    private Service? _service;
    private uint _slots;

    public Service Service => _service ?? throw new InvalidOperationException("the run has no -A yet");

    /// <summary>Names of the servers as they stand in the list, newest first.</summary>
    public IEnumerable<string> List => Service.Servers.ToArray().Select(NameOf);

    public void Apply(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string? Option(string name) => Array.IndexOf(words, name) is >= 0 and int at ? words[at + 1] : null;
        switch (words[1])
        {
            case "-A":
                _service = new Service(ServiceOf(words, Option), new SchedulingContext(seed: 1));
                break;
            case "-E":
                Service.Edit(ServiceOf(words, Option));
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
        Assert.Equal(before.Keys.Order(), List.Order());
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

    public string? Choose(string client, string destination)
    {
        IPEndPoint from = IPEndPoint.Parse(client), to = IPEndPoint.Parse(destination);
        FlowKey flow = new(IpProtocol.Tcp, IpAddress.Of(from.Address), (ushort)from.Port, IpAddress.Of(to.Address), (ushort)to.Port);
        return Service.Scheduler.Choose(Service, flow) is { } server ? NameOf(server) : null;
    }

    private static VirtualService ServiceOf(string[] words, Func<string, string?> option) => new()
    {
        Key = ServiceKey.ForMark(1),
        Scheduler = option("-s") ?? "wlc",
        Flags = (option("-b") ?? "").Split(',').Aggregate(words.Contains("-o") ? ServiceFlags.OnePacket : ServiceFlags.None, (flags, name) => flags | FlagOf(name)),
    };

    private static ServiceFlags FlagOf(string name) => name switch
    {
        "" => ServiceFlags.None,
        "sh-fallback" or "mh-fallback" => ServiceFlags.Scheduler1,
        "sh-port" or "mh-port" => ServiceFlags.Scheduler2,
        _ => throw new NotSupportedException(name),
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

    private static string NameOf(Server server) => $"rs{Pools.NumberOf(server)}";

    private static T Number<T>(string text) where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);

    private Server Find(RealServer at) => Service.Find(at) ?? throw new NotSupportedException($"no server {at.Address}:{at.Port}");
}
