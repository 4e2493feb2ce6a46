using Director.Dataplane.Election;
using Director.Dataplane.Wire;

namespace Director.Dataplane.Tests.Election;

public sealed class TrackedLinkTests
{
    private static readonly IpAddress First = IpAddress.FromIpv4(0x0A02000B);
    private static readonly IpAddress Second = IpAddress.FromIpv4(0x0A02000C);

    [Fact]
    public void Three_questions_without_an_answer_and_it_is_lost()
    {
        TrackedLink link = new([First], all: true);
        Assert.Empty(link.Ask());
        Assert.Empty(link.Ask());
        Assert.Empty(link.Ask());
        Assert.Equal([First], link.Ask());
    }

    [Fact]
    public void An_answer_in_between_counts_from_the_beginning()
    {
        TrackedLink link = new([First], all: true);
        Ask(link, 3);
        link.Heard(First);
        Assert.Empty(link.Ask());
    }

    [Fact]
    public void Of_real_servers_one_is_enough()
    {
        TrackedLink link = new([First, Second], all: false);
        for (int i = 0; i < 10; i++)
        {
            link.Heard(Second);
            Assert.Empty(link.Ask());
        }
        Ask(link, 3);
        Assert.Equal([First, Second], link.Ask());
    }

    [Fact]
    public void Of_a_list_every_one_counts()
    {
        TrackedLink link = new([First, Second], all: true);
        for (int i = 0; i < 3; i++)
        {
            link.Heard(Second);
            link.Ask();
        }
        link.Heard(Second);
        Assert.Equal([First], link.Ask());
    }

    [Fact]
    public void Another_list_keeps_what_is_known_of_those_on_both()
    {
        TrackedLink before = new([First], all: true);
        Ask(before, 3);
        TrackedLink now = new([Second, First], all: true);
        now.Follow(before);
        Assert.Equal([First], now.Ask());
    }

    [Fact]
    public void Without_targets_a_link_is_sound()
    {
        TrackedLink link = new([], all: false);
        Ask(link, 5);
        Assert.Empty(link.Ask());
    }

    private static void Ask(TrackedLink link, int times)
    {
        for (int i = 0; i < times; i++)
            link.Ask();
    }
}
