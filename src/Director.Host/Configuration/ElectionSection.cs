using System.Net;

namespace Director.Host.Configuration;

/// <summary>Reads <see cref="ElectionOptions"/>.</summary>
internal static class ElectionSection
{
    private const string Auto = "auto";

    public static ElectionOptions Read(Section director, Section election) => new()
    {
        Key = election.Text("key"),
        AnnounceInterval = election.Duration("announce-interval", TimeSpan.FromMilliseconds(40), TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(10)),
        MissedAnnouncements = (int)election.Number("missed-announcements", 3, 2, 20),
        Address = election.Text("address") is { } text ? Address(election, "address", text) : null,
        TrackAddresses = Tracked(election),
        Priority = (byte)director.Number("priority", 100, 1, 254),
        Preempt = director.Switch("preempt", false),
    };

    private static IPAddress[]? Tracked(Section election)
    {
        const string key = "track-addresses";
        if (!election.Has(key))
            return null;
        if (election.IsList(key))
            return [.. election.Texts(key).Where(text => text.Length > 0).Select(text => Address(election, key, text)).OfType<IPAddress>()];
        election.Choice(key, Auto);
        return null;
    }

    private static IPAddress? Address(Section election, string key, string text)
    {
        if (HostAddress.TryParse(text, out IPAddress? address))
            return address;
        election.Wrong(key, $"'{text}' is not an address that a host can have");
        return null;
    }
}
