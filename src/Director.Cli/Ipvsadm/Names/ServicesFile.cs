using System.Globalization;
using Director.Model;

namespace Director.Cli.Ipvsadm.Names;

/// <summary>services(5): <c>name port/protocol alias...</c>; the first line that fits counts.</summary>
internal sealed class ServicesFile
{
    private readonly Dictionary<(string, TransportProtocol), ushort> _ports = [];
    private readonly Dictionary<(ushort, TransportProtocol), string> _names = [];

    public static ServicesFile Parse(IEnumerable<string> lines)
    {
        ServicesFile file = new();
        foreach (string line in lines)
        {
            string[] words = Words(line);
            if (words.Length < 2 || words[1].Split('/') is not [string digits, string protocolName]
                || !ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
                || Protocol(protocolName) is not { } protocol)
            {
                continue;
            }
            file._names.TryAdd((port, protocol), words[0]);
            for (int i = 0; i < words.Length; i++)
            {
                if (i != 1)
                    file._ports.TryAdd((words[i], protocol), port);
            }
        }
        return file;
    }

    public ushort? FindPort(string service, TransportProtocol protocol) =>
        _ports.TryGetValue((service, protocol), out ushort port) ? port : null;

    public string? FindService(ushort port, TransportProtocol protocol) => _names.GetValueOrDefault((port, protocol));

    /// <summary>The words of a line before its comment.</summary>
    internal static string[] Words(string line) => line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);

    private static TransportProtocol? Protocol(string name) => name switch
    {
        "tcp" => TransportProtocol.Tcp,
        "udp" => TransportProtocol.Udp,
        "sctp" => TransportProtocol.Sctp,
        _ => null,
    };
}
