using Director.Dataplane.Defence;
using Director.Model;

namespace Director.Dataplane.Tests.Defence;

/// <summary>The levels of IPVS's update_defense_level, second by second.</summary>
public sealed class DefenceLevelsTests
{
    [Theory]
    // Never, whatever memory there is.
    [InlineData(0, 1023, 0)]
    [InlineData(0, 1024, 0)]
    // By itself, on and off again; exactly amemthresh is enough.
    [InlineData(1, 1024, 1)]
    [InlineData(1, 1023, 2)]
    [InlineData(2, 0, 2)]
    [InlineData(2, 1024, 1)]
    // Always.
    [InlineData(3, 0, 3)]
    [InlineData(3, 16384, 3)]
    public void A_mode_follows_memory(int mode, int available, int next)
    {
        Settings settings = new() { DropEntry = mode, DropPacket = mode, SecureTcp = mode };
        DefenceLevels levels = DefenceLevels.Step(DefenceLevels.Of(settings), settings, available);
        Assert.Equal((next, next, next), (levels.DropEntry, levels.DropPacket, levels.SecureTcp));
        Assert.Equal((next >= 2, next >= 2, next == 2), (levels.DropsEntries, levels.IsTcpSecure, levels.IsMemoryShort));
    }

    [Theory]
    [InlineData(1, 1024, 1024, 0)]
    [InlineData(1, 1024, 1023, 1024)]
    [InlineData(1, 1024, 768, 4)]
    [InlineData(2, 1024, 700, 3)]
    [InlineData(2, 1024, 511, 1)]
    [InlineData(2, 1024, 0, 1)]
    // Nothing is too little.
    [InlineData(1, 0, 0, 0)]
    [InlineData(2, int.MaxValue, 16384, 1)]
    public void The_less_memory_is_left_the_more_packets_are_dropped(int mode, int threshold, int available, int rate)
    {
        Settings settings = new() { DropPacket = mode, Amemthresh = threshold };
        Assert.Equal(rate, DefenceLevels.Step(DefenceLevels.Of(settings), settings, available).DropRate);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(0)]
    public void Drop_packet_3_has_its_own_rate(int rate)
    {
        Settings settings = new() { DropPacket = 3, AmDroprate = rate };
        Assert.Equal(rate, DefenceLevels.Step(DefenceLevels.Of(settings), settings, available: 0).DropRate);
    }

    [Theory]
    [InlineData(0, 1024, 0)]
    [InlineData(512, 1024, 32)]
    [InlineData(1, 1024, 1)]
    [InlineData(512, 1_048_575, 32768)]
    [InlineData(int.MaxValue, 1024, 512)]
    public void So_many_pages_are_so_many_records(int pages, uint capacity, uint records)
    {
        Assert.Equal(records, DefenceLevels.RecordsOf(pages, capacity));
        Assert.True(DefenceLevels.PagesOf(records, capacity) >= Math.Min(pages, DefenceLevels.MemoryPages / 2));
    }

    [Theory]
    [InlineData(1023, 1023, 16384)]
    [InlineData(64, 1024, 1024)]
    [InlineData(63, 1024, 1008)]
    [InlineData(0, 1024, 0)]
    [InlineData(16_777_215, 16_777_215, 16384)]
    public void The_memory_counts_as_many_pages_whatever_its_size(uint free, uint capacity, int pages) =>
        Assert.Equal(pages, DefenceLevels.PagesOf(free, capacity));
}
