using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

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
            if (!TryParse(texts[i], out IPAddress? first, out IPAddress? last))
            {
                section.Wrong(at, $"'{texts[i]}' is neither an address nor a range like 10.2.0.200-10.2.0.203 or fd00:2::200-fd00:2::203");
                continue;
            }
            (UInt128 from, UInt128 to) = (Number(first), Number(last));
            if (to < from || to - from >= Most)
            {
                section.Wrong(at, $"the range '{texts[i]}' runs backwards or holds more than {Most} addresses");
                continue;
            }
            for (UInt128 number = from; number <= to && addresses.Count <= Most; number++)
                addresses.Add(Address(number, first.AddressFamily));
        }
        if (addresses.Count > Most)
            section.Wrong(key, $"there are more than {Most} addresses");
        if (addresses.GroupBy(address => address).FirstOrDefault(same => same.Count() > 1) is { } twice)
            section.Wrong(key, $"{twice.Key} is named twice");
        return [.. addresses];
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? first, [NotNullWhen(true)] out IPAddress? last)
    {
        last = null;
        string[] ends = text.Split('-');
        return HostAddress.TryParse(ends[0], out first) && HostAddress.TryParse(ends[^1], out last) && ends.Length <= 2
            && first.AddressFamily == last.AddressFamily && !first.IsIPv6LinkLocal && !last.IsIPv6LinkLocal;
    }

    private static UInt128 Number(IPAddress address)
    {
        byte[] bytes = address.GetAddressBytes();
        return bytes.Length == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static IPAddress Address(UInt128 number, AddressFamily family)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new IPAddress(family == AddressFamily.InterNetwork ? bytes.AsSpan(12) : bytes);
    }
}
