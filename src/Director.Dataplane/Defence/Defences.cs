using Director.Dataplane.Connections;
using Director.Dataplane.Pipeline;
using Director.Model;

namespace Director.Dataplane.Defence;

/// <summary>
/// IPVS's defences against floods, at the levels that memory and settings ask for: looked at each second, and when the settings
/// change. Packet thread only, but for the levels, which others may read.
/// </summary>
public sealed class Defences(ConnectionTable connections, EntryDropper entries, PipelineCounters counters)
{
    private const int StepMilliseconds = 1000;

    // What one packet may need: a connection and a template.
    private const uint EnoughRoom = 2;

    private Settings _settings = Settings.Default;
    private uint _reserve;
    private PacketDropper _packets;
    private long _nextStep;
    private long _swept;

    public DefenceLevels Levels { get; private set; }

    public void Use(Settings settings)
    {
        _settings = settings;
        Step(DefenceLevels.Of(settings));
    }

    /// <param name="now">Milliseconds.</param>
    /// <param name="ticks">The same, of the connection clock.</param>
    public void Tick(long now, uint ticks)
    {
        if (now >= _nextStep)
        {
            _nextStep = now + StepMilliseconds;
            Step(Levels);
        }
        if (Levels.DropsEntries)
            entries.Sweep((int)Math.Min(now - _swept, StepMilliseconds), ticks);
        _swept = now;
    }

    /// <summary>A packet is about to begin a connection: false if it is dropped instead. Makes room for it if it can.</summary>
    public bool Admits(uint ticks)
    {
        if (_packets.Drops())
            return false;
        if (Levels.DropsEntries)
            entries.MakeRoom(_reserve, ticks);
        return true;
    }

    /// <summary>For the status: a defence that has begun by itself is something to know.</summary>
    public IEnumerable<string> Warnings()
    {
        DefenceLevels levels = Levels;
        if (!levels.IsMemoryShort)
            yield break;
        string[] active =
        [
            .. levels.DropsEntries ? [$"drop_entry ({counters.EntriesDropped} ended so far)"] : (string[])[],
            .. levels.DropRate > 0 ? [$"drop_packet (1 of {levels.DropRate})"] : (string[])[],
            .. levels.IsTcpSecure ? ["secure_tcp"] : (string[])[],
        ];
        yield return $"room for connections is short ({connections.Available} of {connections.Capacity} left); in force: {string.Join(", ", active)}";
    }

    private void Step(DefenceLevels from)
    {
        // With half of amemthresh free drop_packet lets every other packet pass; with less it would drop all of them, and who is to
        // get in at last would not.
        _reserve = DefenceLevels.RecordsOf(_settings.Amemthresh / 2, connections.Capacity) + EnoughRoom;
        Levels = DefenceLevels.Step(from, _settings, DefenceLevels.PagesOf(connections.Available, connections.Capacity));
        connections.SecureTcp = Levels.IsTcpSecure;
        _packets.Use(Levels.DropRate, startsAnew: Levels.DropPacket == 2);
    }
}
