using Director.Dataplane.Defence;

namespace Director.Dataplane.Tests.Defence;

public sealed class PacketDropperTests
{
    [Theory]
    [InlineData(0, "......")]
    [InlineData(1, "xxxxxx")]
    [InlineData(2, ".x.x.x")]
    [InlineData(3, "..x..x")]
    public void One_of_so_many_is_dropped(int rate, string packets)
    {
        PacketDropper dropper = new();
        dropper.Use(rate, startsAnew: true);
        Assert.Equal(packets, Next(ref dropper, packets.Length));
    }

    [Fact]
    public void A_count_goes_on_over_a_second_unless_memory_says_the_rate()
    {
        PacketDropper dropper = new();
        dropper.Use(3, startsAnew: true);
        Assert.Equal("..", Next(ref dropper, 2));
        dropper.Use(3, startsAnew: false);
        Assert.Equal("x..", Next(ref dropper, 3));
        dropper.Use(3, startsAnew: true);
        Assert.Equal("..x", Next(ref dropper, 3));
    }

    private static string Next(ref PacketDropper dropper, int packets)
    {
        string said = "";
        for (; packets > 0; packets--)
            said += dropper.Drops() ? 'x' : '.';
        return said;
    }
}
