using Director.Dataplane.Wire;

namespace Director.Dataplane.Election;

/// <summary>What an operator should look after.</summary>
public enum ElectionTrouble
{
    WrongKey,
    Namesake,
    ForeignClaim,
    EpochNotOnDisk,
    ReservationFailed,
    NobodyToResignTo,
}

/// <summary>Troubles as long as they are fresh: shown for a minute after they were seen last.</summary>
public sealed class ElectionAlarms
{
    private const long ShownMicroseconds = 60_000_000;

    private readonly (long At, MacAddress Mac)[] _last = new (long, MacAddress)[Enum.GetValues<ElectionTrouble>().Length];

    /// <param name="trouble">What was seen.</param>
    /// <param name="mac">Whose doing, if that is known on the segment.</param>
    /// <param name="now">Microseconds.</param>
    public void Raise(ElectionTrouble trouble, MacAddress mac, long now) => _last[(int)trouble] = (now, mac);

    public void Raise(ElectionAlarm alarm, long now)
    {
        switch (alarm)
        {
            case ElectionAlarm.EpochNotOnDisk:
                Raise(ElectionTrouble.EpochNotOnDisk, default, now);
                break;
            case ElectionAlarm.ReservationFailed:
                Raise(ElectionTrouble.ReservationFailed, default, now);
                break;
            case ElectionAlarm.DuplicateId:
                Raise(ElectionTrouble.Namesake, default, now);
                break;
        }
    }

    public string[] Texts(long now)
    {
        List<string>? texts = null;
        for (int i = 0; i < _last.Length; i++)
        {
            if (_last[i].At != 0 && now - _last[i].At < ShownMicroseconds)
                (texts ??= []).Add(Text((ElectionTrouble)i, _last[i].Mac));
        }
        return texts is null ? [] : [.. texts];
    }

    private static string Text(ElectionTrouble trouble, MacAddress mac) => trouble switch
    {
        ElectionTrouble.WrongKey => $"election: announcements{From(mac)} are signed with another election.key, or forged; they are ignored",
        ElectionTrouble.Namesake => $"election: another director{From(mac)} has this one's director.name; give each a name of its own",
        ElectionTrouble.ForeignClaim => $"election: the address is claimed by {mac}, which is no director of this group; find that host and stop it",
        ElectionTrouble.EpochNotOnDisk => "election: took the addresses with an epoch that the disk did not take (director.data-directory full or broken?)",
        ElectionTrouble.ReservationFailed => "election: epochs cannot be put on the disk (director.data-directory full or broken?)",
        _ => "election: asked to resign, but no other director can take over now; went on",
    };

    private static string From(MacAddress mac) => mac == default ? "" : $" from {mac}";
}
