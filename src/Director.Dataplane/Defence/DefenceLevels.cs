using Director.Model;

namespace Director.Dataplane.Defence;

/// <summary>
/// How IPVS's three defences stand. Each has a mode as its setting says it: 0 never, 1 when memory is short, 2 likewise and it is
/// short now, 3 always. Modes 1 and 2 turn into each other with the memory (update_defense_level); from 2 on a defence is active.
/// </summary>
/// <param name="DropEntry">Half-open connections are ended at random.</param>
/// <param name="DropPacket">Of packets that would begin a connection, one of <paramref name="DropRate"/> is dropped.</param>
/// <param name="SecureTcp">TCP moves by the stricter tables.</param>
/// <param name="DropRate">0: none is dropped; 1: all are.</param>
public readonly record struct DefenceLevels(int DropEntry = 0, int DropPacket = 0, int SecureTcp = 0, int DropRate = 0)
{
    /// <summary>
    /// The memory for connections counts as so many pages, whatever its size: IPVS compares amemthresh with the free pages of the
    /// host, which say nothing about a memory that is set aside. The default of 1024 is a sixteenth of it.
    /// </summary>
    public const int MemoryPages = 16_384;

    private const int Automatic = 1;
    private const int Active = 2;
    private const int Always = 3;

    public bool DropsEntries => DropEntry >= Active;

    public bool IsTcpSecure => SecureTcp >= Active;

    /// <summary>A defence that begins by itself has begun.</summary>
    public bool IsMemoryShort => DropEntry == Active || DropPacket == Active || SecureTcp == Active;

    /// <summary>Pages that free records count as.</summary>
    public static int PagesOf(uint free, uint capacity) => (int)((ulong)free * MemoryPages / capacity);

    /// <summary>Records that make up so many pages, rounded up; half of the memory at most.</summary>
    public static uint RecordsOf(int pages, uint capacity) =>
        (uint)((((ulong)Math.Min(pages, MemoryPages / 2) * capacity) + MemoryPages - 1) / MemoryPages);

    /// <summary>The levels by these settings, with so much memory left; to be asked each second, and when the settings change.</summary>
    /// <param name="before">Of a second ago; with other settings, those that they say.</param>
    /// <param name="settings">Of which amemthresh and am_droprate count.</param>
    /// <param name="available">Free pages.</param>
    public static DefenceLevels Step(DefenceLevels before, Settings settings, int available)
    {
        bool isShort = available < settings.Amemthresh;
        int dropPacket = Next(before.DropPacket, isShort);
        int rate = dropPacket switch
        {
            Active => settings.Amemthresh / (settings.Amemthresh - available),
            Always => settings.AmDroprate,
            _ => 0,
        };
        return new DefenceLevels(Next(before.DropEntry, isShort), dropPacket, Next(before.SecureTcp, isShort), rate);
    }

    /// <summary>As the settings have them, before the first <see cref="Step"/>.</summary>
    public static DefenceLevels Of(Settings settings) => new(settings.DropEntry, settings.DropPacket, settings.SecureTcp);

    private static int Next(int mode, bool isShort) => mode is Automatic or Active ? (isShort ? Active : Automatic) : mode;
}
