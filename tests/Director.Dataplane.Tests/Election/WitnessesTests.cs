using Director.Dataplane.Election;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Election;

public sealed class WitnessesTests
{
    private const uint Vip = 0x0A010064;
    private const uint Client = 0x0A010002;

    [Fact]
    public void A_host_that_was_heard_is_asked_and_its_answer_counts()
    {
        Witnesses witnesses = new();
        Hear(witnesses, Client, Vip);
        for (int i = 0; i < 10; i++)
        {
            Assert.False(witnesses.Ask());
            Hear(witnesses, Client, 0x0A01000B);
        }
        Assert.Equal([IpAddress.FromIpv4(Client)], witnesses.Hosts);
    }

    [Theory]
    [InlineData(Client)]
    [InlineData(0u)] // nobody was ever heard
    public void Three_questions_without_an_answer_and_the_segment_is_deserted(uint host)
    {
        Witnesses witnesses = new();
        Hear(witnesses, host, Vip);
        Assert.Equal([false, false, false, true], Ask(witnesses, 4));
    }

    [Fact]
    public void What_went_unanswered_before_a_rest_does_not_count()
    {
        Witnesses witnesses = new();
        Hear(witnesses, Client, Vip);
        Ask(witnesses, 4);
        witnesses.Rest();
        Assert.Equal([false, false, false, true], Ask(witnesses, 4));
    }

    [Fact]
    public void One_of_several_is_enough()
    {
        Witnesses witnesses = new();
        Hear(witnesses, Client, Vip);
        Hear(witnesses, Client + 1, Vip);
        Ask(witnesses, 4);
        Hear(witnesses, Client + 1, Vip);
        Assert.False(witnesses.Ask());
    }

    [Fact]
    public void Who_only_tells_of_itself_is_no_witness()
    {
        Witnesses witnesses = new();
        Hear(witnesses, Vip, Vip);
        Assert.Empty(witnesses.Hosts);
    }

    [Fact]
    public void The_last_ones_are_remembered()
    {
        Witnesses witnesses = new();
        for (uint i = 0; i < 6; i++)
            Hear(witnesses, Client + i, Vip);
        Assert.Equal([.. Enumerable.Range(2, Witnesses.Most).Select(i => IpAddress.FromIpv4(Client + (uint)i))], witnesses.Hosts);
    }

    private static bool[] Ask(Witnesses witnesses, int times) => [.. Enumerable.Range(0, times).Select(_ => witnesses.Ask())];

    private static void Hear(Witnesses witnesses, uint sender, uint target)
    {
        byte[] bytes = new byte[ArpPacket.Length];
        ArpPacket.Write(bytes, ArpPacket.Request, MacAddress.Broadcast, sender, default, target);
        Assert.True(ArpPacket.TryParse(bytes, out ArpPacket arp, out _));
        witnesses.Heard(arp);
    }
}
