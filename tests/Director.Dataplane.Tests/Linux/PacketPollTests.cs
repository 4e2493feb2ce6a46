using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Linux;

public sealed class PacketPollTests
{
    [Fact]
    public void Time_runs_out()
    {
        using var poll = new PacketPoll([]);
        long start = BootClock.Nanoseconds;
        Assert.Equal(0, poll.Wait(2_000_000));
        Assert.True(BootClock.Nanoseconds - start >= 2_000_000);
        Assert.False(poll.Woken);
    }

    [Fact]
    public async Task Another_thread_wakes_it()
    {
        using var poll = new PacketPoll([]);
        Task<int> waiting = Task.Factory.StartNew(() => poll.Wait(-1), TaskCreationOptions.LongRunning);
        poll.WakeUp();
        Assert.Equal(0, await waiting);
        Assert.True(poll.Woken);
        Assert.Equal(0, poll.Wait(0)); // once is once
        Assert.False(poll.Woken);
    }

    [Fact]
    public void A_descriptor_that_is_none_is_broken()
    {
        using var poll = new PacketPoll([0x7FFF_FFFF]);
        Assert.Equal(1, poll.Wait(-1));
        Assert.True(poll.IsReady(0));
        Assert.True(poll.IsBroken(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => poll.IsReady(1));
    }
}
