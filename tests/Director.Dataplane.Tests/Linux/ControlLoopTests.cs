using System.Net.Sockets;
using Director.Dataplane.Linux;

namespace Director.Dataplane.Tests.Linux;

public sealed class ControlLoopTests : IDisposable
{
    private readonly ControlLoop _loop = new(TimeProvider.System);
    private readonly List<string> _happened = [];

    [Fact]
    public void Timers_run_in_the_order_of_their_time_and_periodic_ones_again()
    {
        _loop.After(TimeSpan.FromMilliseconds(25), () => Happened("late", 4));
        _loop.After(TimeSpan.FromMilliseconds(1), () => Happened("early", 4));
        LoopTimer periodic = _loop.Every(TimeSpan.FromMilliseconds(10), () => Happened("tick", 4));
        _loop.Run(TestContext.Current.CancellationToken);
        // On a busy machine all may be due at once; then they run in the order of their time, and the second tick is the last.
        Assert.Equal(["early", "tick", "late"], _happened.Distinct());
        Assert.Equal(2, _happened.Count(each => each == "tick"));
        periodic.Dispose();
    }

    [Fact]
    public void A_timer_never_runs_early()
    {
        long begun = TimeProvider.System.GetTimestamp();
        _loop.After(TimeSpan.FromMilliseconds(20), _loop.Stop);
        _loop.Run(TestContext.Current.CancellationToken);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds, 20, 10_000);
    }

    [Fact]
    public void A_disposed_timer_does_not_run()
    {
        LoopTimer cancelled = _loop.After(TimeSpan.FromMilliseconds(1), () => Happened("cancelled", 1));
        cancelled.Dispose();
        _loop.After(TimeSpan.FromMilliseconds(5), () => Happened("end", 1));
        _loop.Run(TestContext.Current.CancellationToken);
        Assert.Equal(["end"], _happened);
    }

    [Fact]
    public void Work_of_other_threads_runs_in_order_on_the_loop()
    {
        int loopThread = Environment.CurrentManagedThreadId;
        Thread other = new(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                int number = i;
                Assert.True(_loop.Post(() =>
                {
                    Assert.Equal(loopThread, Environment.CurrentManagedThreadId);
                    Happened($"{number}", 1000);
                }));
            }
        });
        other.Start();
        _loop.Run(TestContext.Current.CancellationToken);
        other.Join();
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => $"{i}"), _happened);
    }

    [Fact]
    public void A_readable_descriptor_is_told_until_it_is_let_go()
    {
        (Socket near, Socket far) = Pair();
        using (near)
        using (far)
        {
            LoopSource? source = null;
            source = _loop.Register((int)near.Handle, events =>
            {
                Happened($"{events} {near.Receive(new byte[16])}", 3);
                if (_happened.Count == 2)
                    source!.Dispose();
            });
            _loop.After(TimeSpan.FromMilliseconds(1), () => far.Send([1]));
            _loop.After(TimeSpan.FromMilliseconds(10), () => far.Send([1, 2]));
            _loop.After(TimeSpan.FromMilliseconds(20), () => far.Send([1, 2, 3]));
            _loop.After(TimeSpan.FromMilliseconds(30), () => Happened("end", 3));
            _loop.Run(TestContext.Current.CancellationToken);
        }
        Assert.Equal(["Read 1", "Read 2", "end"], _happened);
    }

    [Fact]
    public void A_source_let_go_by_the_one_before_it_is_not_told_any_more()
    {
        (Socket near, Socket far) = Pair();
        using (near)
        using (far)
        {
            List<LoopSource> sources = [];
            for (int i = 0; i < 2; i++)
            {
                sources.Add(_loop.Register((int)near.Handle, _ =>
                {
                    sources.ForEach(source => source.Dispose());
                    Happened("read", 2);
                }));
            }
            far.Send([1]);
            _loop.After(TimeSpan.FromMilliseconds(10), () => Happened("end", 2));
            _loop.Run(TestContext.Current.CancellationToken);
        }
        Assert.Equal(["read", "end"], _happened);
    }

    [Fact]
    public void The_other_ends_closing_is_told_as_readable()
    {
        (Socket near, Socket far) = Pair();
        using (near)
        {
            _loop.Register((int)near.Handle, events => Happened($"{events} {near.Receive(new byte[16])}", 1));
            far.Dispose();
            _loop.Run(TestContext.Current.CancellationToken);
        }
        Assert.Equal(["Read 0"], _happened);
    }

    [Fact]
    public void Cancellation_ends_it_and_nothing_can_be_posted_to_one_that_is_gone()
    {
        using CancellationTokenSource cancel = new(TimeSpan.FromMilliseconds(5));
        _loop.Run(cancel.Token);
        _loop.Dispose();
        Assert.False(_loop.Post(() => { }));
    }

    public void Dispose() => _loop.Dispose();

    private void Happened(string what, int last)
    {
        _happened.Add(what);
        if (_happened.Count == last)
            _loop.Stop();
    }

    private static (Socket Near, Socket Far) Pair()
    {
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string path = Path.Combine(Path.GetTempPath(), $"director-loop-{Guid.NewGuid():N}");
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        Socket near = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        near.Connect(new UnixDomainSocketEndPoint(path));
        return (near, listener.Accept());
    }
}
