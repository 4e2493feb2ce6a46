using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Director.Model;

namespace Director.Dataplane.Tests.Pipeline;

/// <summary>ipvsadm and sysctl commands, as far as tests and recordings use them, done to a bench.</summary>
internal sealed class IpvsadmCommands(Bench bench)
{
    private readonly List<VirtualService> _services = [];
    private Settings _settings = Settings.Default;

    public IReadOnlyList<VirtualService> Services => _services;

    /// <summary>Does to another bench what was done to this one.</summary>
    public void MoveTo(Bench next)
    {
        bench = next;
        bench.Core.SetSettings(_settings);
        bench.Apply([.. _services]);
    }

    /// <summary>False: it is none of those.</summary>
    public bool TryDo(string command)
    {
        string[] words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["ipvsadm", "-A", ..]:
                _services.Add(ServiceOf(words));
                break;
            case ["ipvsadm", "-E", ..]:
                int edited = Find(words);
                _services[edited] = ServiceOf(words) with { Servers = _services[edited].Servers };
                break;
            case ["ipvsadm", "-D", ..]:
                _services.RemoveAt(Find(words));
                break;
            case ["ipvsadm", "-C"]:
                _services.Clear();
                break;
            case ["ipvsadm", "-a" or "-e" or "-d", ..]:
                Change(words);
                break;
            case ["ipvsadm", "-Z", .. var which]:
                bench.Core.Zero(which.Length == 0 ? null : KeyOf(words));
                return true;
            case ["ipvsadm", "--set", var tcp, var fin, var udp]:
                bench.Core.SetTimeouts(new Timeouts(Number<uint>(tcp), Number<uint>(fin), Number<uint>(udp)));
                return true;
            case ["sysctl", "-w", .. var assignments]:
                Set(assignments);
                return true;
            default:
                return false;
        }
        bench.Apply([.. _services]);
        return true;
    }

    private void Change(string[] words)
    {
        int at = Find(words);
        RealServer server = ServerOf(words);
        VirtualService service = _services[at];
        int place = service.Servers.ToList().FindIndex(each => each.IsAt(server.Address, server.Port));
        _services[at] = service with
        {
            Servers = words[1] switch
            {
                "-a" => service.Servers.Add(server),
                "-e" => service.Servers.SetItem(place, server),
                _ => service.Servers.RemoveAt(place),
            },
        };
    }

    private void Set(string[] assignments)
    {
        IEnumerable<KeyValuePair<string, int>> values = assignments
            .Select(each => each["net.ipv4.vs.".Length..].Split('='))
            .Select(pair => KeyValuePair.Create(pair[0], Number<int>(pair[1])));
        Assert.True(_settings.TryChange(values, out _settings, out string? error), error);
        bench.Core.SetSettings(_settings);
    }

    private int Find(string[] words) => _services.FindIndex(service => service.Key == KeyOf(words));

    private static VirtualService ServiceOf(string[] words)
    {
        ServiceKey key = KeyOf(words);
        bool ipv4 = key.Family == AddressFamily.InterNetwork;
        string? mask = Option(words, "-M");
        return new VirtualService
        {
            Key = key,
            Scheduler = Option(words, "-s")!,
            Flags = (words.Contains("-p") ? ServiceFlags.Persistent : ServiceFlags.None) | (words.Contains("-o") ? ServiceFlags.OnePacket : ServiceFlags.None),
            PersistenceTimeout = Number<uint>(Option(words, "-p") ?? "0"),
            PersistenceNetmask = mask is not null && ipv4 ? IPAddress.Parse(mask) : null,
            PrefixLength = mask is not null && !ipv4 ? Number<byte>(mask) : (byte)128,
            PersistenceEngine = Option(words, "--pe"),
        };
    }

    private static RealServer ServerOf(string[] words)
    {
        string endpoint = Option(words, "-r")!;
        Assert.True(Endpoints.TryParse(endpoint.Contains(':') ? endpoint : endpoint + ":0", out IPAddress? address, out ushort port));
        return new RealServer
        {
            Address = address!,
            Port = port,
            Weight = Number<int>(Option(words, "-w") ?? "1"),
            UpperThreshold = Number<uint>(Option(words, "-x") ?? "0"),
            LowerThreshold = Number<uint>(Option(words, "-y") ?? "0"),
            Forwarding = words.Contains("-m") ? ForwardingMethod.Masquerade
                : words.Contains("-i") ? ForwardingMethod.Tunnel
                : ForwardingMethod.DirectRoute,
        };
    }

    private static ServiceKey KeyOf(string[] words)
    {
        string text = Option(words, "-t") is { } tcp ? $"tcp {tcp}"
            : Option(words, "-u") is { } udp ? $"udp {udp}"
            : $"fwmark {Option(words, "-f")}";
        return ServiceKey.TryParse(text, out ServiceKey? key) ? key : throw new ArgumentException(text);
    }

    private static string? Option(string[] words, string name) => Array.IndexOf(words, name) is >= 0 and int at ? words[at + 1] : null;

    private static T Number<T>(string text) where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);
}
