using System.Net;
using Director.Dataplane.Wire;

namespace Director.Host.Configuration;

/// <summary>A list of addresses of either family, single ones and ranges: <c>["10.2.0.200-10.2.0.203", "fd00:2::200"]</c>.</summary>
internal static class AddressRanges
{
    /// <summary>More would be a mistake: one address serves 64,512 connections to each server.</summary>
    private const int Most = 1024;

    public static IPAddress[] Read(Section section, string key)
    {
        List<IPAddress> addresses = [];
        string[] texts = section.Texts(key);
        for (int i = 0; i < texts.Length; i++)
        {
            string at = $"{key}[{i}]";
            if (!TryParse(texts[i], out IpAddress first, out IpAddress last))
            {
                section.Wrong(at, $"'{texts[i]}' is neither an address nor a range like 10.2.0.200-10.2.0.203 or fd00:2::200-fd00:2::203");
                continue;
            }
            if (last < first || last.High != first.High || last.Low - first.Low >= Most)
            {
                section.Wrong(at, $"the range '{texts[i]}' runs backwards or holds more than {Most} addresses");
                continue;
            }
            for (ulong low = first.Low; low <= last.Low && addresses.Count <= Most; low++)
                addresses.Add(new IpAddress(first.High, low).ToIPAddress());
        }
        if (addresses.Count > Most)
            section.Wrong(key, $"there are more than {Most} addresses");
        if (addresses.GroupBy(address => address).FirstOrDefault(same => same.Count() > 1) is { } twice)
            section.Wrong(key, $"{twice.Key} is named twice");
        return [.. addresses];
    }

    private static bool TryParse(string text, out IpAddress first, out IpAddress last)
    {
        first = last = default;
        string[] ends = text.Split('-');
        if (ends.Length > 2 || !TryParse(ends[0], out first) || !TryParse(ends[^1], out last))
            return false;
        return first.IsIpv4 == last.IsIpv4;
    }

    private static bool TryParse(string text, out IpAddress parsed)
    {
        parsed = default;
        if (!HostAddress.TryParse(text, out IPAddress? address))
            return false;
        parsed = IpAddress.Of(address);
        return !parsed.IsLinkLocal;
    }
}
