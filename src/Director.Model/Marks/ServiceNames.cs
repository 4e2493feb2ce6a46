namespace Director.Model;

/// <summary>Ports by the names that the host's <c>/etc/services</c> gives them, read when the first name comes.</summary>
internal static class ServiceNames
{
    public const string File = "/etc/services";

    private static readonly Lazy<Dictionary<string, ushort>> Ports = new(() => Read(File));

    /// <summary>Null: no service is called so. A name has the same port in every protocol, or what stands first counts.</summary>
    public static ushort? PortOf(string name) => Ports.Value.TryGetValue(name, out ushort port) ? port : null;

    private static Dictionary<string, ushort> Read(string path)
    {
        Dictionary<string, ushort> ports = new(StringComparer.Ordinal);
        if (!System.IO.File.Exists(path))
            return ports;
        foreach (string line in System.IO.File.ReadLines(path))
        {
            // http  80/tcp  www  # WorldWideWeb
            string[] words = line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !Number.TryParseDecimal(words[1].Split('/')[0], ushort.MaxValue, out uint port))
                continue;
            foreach (string name in words.Where((_, i) => i != 1))
                ports.TryAdd(name, (ushort)port);
        }
        return ports;
    }
}
