using System.Net;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Synchronization;
using Director.Dataplane.Tests.Control.Messages;
using Director.Model;

namespace Director.Dataplane.Tests.Control;

/// <summary>Each request over a real socket, as directord makes it.</summary>
public sealed class EngineClientTests : SocketFolder
{
    private static readonly VirtualService Web = new()
    {
        Key = ServiceKey.ForAddress(TransportProtocol.Tcp, Frames.Ip("10.1.0.100"), 80),
        Servers = [new() { Address = Frames.Ip("10.2.0.11"), Port = 80, Weight = 3 }],
    };

    [Fact]
    public async Task Each_request_reaches_the_core_and_its_answer_comes_back()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();

        await client.ConfigureAsync(new EngineConfiguration { Interfaces = ["eth0", "eth1"] }, Cancellation);
        Assert.Equal(7ul, await client.ApplyAsync(new TableUpdate(0, 7, true, [Web], []), Cancellation));
        Assert.Equal(Frames.Show(Web), Frames.Show(engine.Core.Table!.Changed[0]));
        await client.OwnAsync(true, Cancellation);
        await client.ZeroAsync(Web.Key, Cancellation);
        await client.ZeroAsync(null, Cancellation);
        Assert.Equal(new Timeouts(60, 120, 300), await client.SetTimeoutsAsync(new Timeouts(60, 0, 0), Cancellation));
        await client.SetMarksAsync([Values.Rule("-d 10.1.0.100 -j MARK --set-mark 7"), Values.Rule("-i eth1 -j MARK --or-mark 8")], Cancellation);
        await client.SetSettingsAsync(new Settings { SloppyTcp = true }, Cancellation);
        TableStatistics statistics = await client.StatisticsAsync(Cancellation);
        Assert.Equal(5ul, Assert.Single(statistics.Services).Statistics.Connections);
        EngineStatus status = await client.StatusAsync(Cancellation);
        Assert.Equal((true, Environment.ProcessId, "0.1.0", (uint)ProtocolRange.Supported.Maximum, 7ul), (status.Connected, status.ProcessId, status.Version, status.Protocol, status.Revision));

        Assert.Equal(
            ["configure eth0,eth1", "apply 0->7", "own True", "zero tcp 10.1.0.100:80", "zero ", "timeouts 60",
                "marks -d 10.1.0.100 -j MARK --set-mark 7; -i eth1 -j MARK --or-mark 0x8", "settings sloppy_tcp=1"],
            engine.Core.Calls);
    }

    [Fact]
    public async Task Batches_of_connections_pass_both_ways()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        TaskCompletionSource<SyncedBatch> produced = new();
        client.SyncProduced += batch => produced.TrySetResult(batch);

        await client.SetSyncPeerAsync(new SyncPeer(2, true, 1, 7, false, 50), Cancellation);
        byte[] batch = [.. Enumerable.Range(0, SyncBatch.MostBytes).Select(i => (byte)i)];
        SyncAck ack = await client.ReceiveSyncAsync(new SyncedBatch(2, batch), Cancellation);
        Assert.Equal(new SyncAck(SyncAckFlags.InSync, 7, 8, SyncBatch.MostBytes), ack);
        SyncedBatch sent = await produced.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Assert.Equal((2ul, Convert.ToHexString(batch)), (sent.Peer, Convert.ToHexString(sent.Batch)));
        await client.AcknowledgeSyncAsync(2, ack, Cancellation);
        Assert.Equal(["sync-peer 2 True", "sync-in 2 32768", "sync-ack 2 32768"], engine.Core.Calls);
    }

    [Fact]
    public async Task An_engine_of_protocol_1_knows_no_connection_sync()
    {
        using EngineInProcess engine = new(SocketPath, versions: new(1, 1));
        await using EngineClient client = await Connect();
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => client.SetSyncPeerAsync(new SyncPeer(2, true, 1, 7, false, 50), Cancellation));
        Assert.Equal(EngineFault.Unsupported, refusal.Fault);
    }

    [Fact]
    public async Task A_delta_on_another_base_leaves_the_table_and_tells_the_live_revision()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        await client.ApplyAsync(new TableUpdate(0, 7, true, [], []), Cancellation);
        Assert.Equal(7ul, await client.ApplyAsync(new TableUpdate(5, 6, false, [Web], []), Cancellation));
    }

    [Fact]
    public async Task A_table_of_ten_thousand_services_passes_the_socket()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        VirtualService[] services = [.. Enumerable.Range(1, 10_000).Select(mark => Web with { Key = ServiceKey.ForMark((uint)mark) })];
        Assert.Equal(1ul, await client.ApplyAsync(new TableUpdate(0, 1, true, services, []), Cancellation));
        Assert.Equal(10_000, engine.Core.Table!.Changed.Length);
        Assert.Equal(10_000, (await client.StatisticsAsync(Cancellation)).Services.Length);
    }

    [Theory]
    [InlineData("10.1.0.100", 99)]
    [InlineData("fd00:1::100", 999)] // RFC 4862 section 5.4
    public async Task Other_requests_are_answered_while_a_probe_waits(string address, int milliseconds)
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        long begun = TimeProvider.System.GetTimestamp();
        Task<AddressConflict[]> probe = client.ProbeAsync([IPAddress.Parse(address)], Cancellation);
        await client.StatusAsync(Cancellation);
        Assert.False(probe.IsCompleted);
        AddressConflict conflict = Assert.Single(await probe.WaitAsync(Patience, Cancellation));
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds, milliseconds, 5000);
        Assert.Equal(new AddressConflict(IPAddress.Parse(address), "eth0", "02:00:00:00:00:01"), conflict);
        Assert.Equal([$"begin-probe {address}", "end-probe"], engine.Core.Calls);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(2500)]
    public async Task Connections_come_in_chunks_until_the_last(int count)
    {
        ConnectionEntry[] entries = [.. Enumerable.Range(0, count).Select(i => new ConnectionEntry(
            TransportProtocol.Tcp, (uint)i, "ESTABLISHED", Frames.Ip("10.1.0.2"), (ushort)i, Frames.Ip("10.1.0.100"), 80, Frames.Ip("10.2.0.11"), 80))];
        using EngineInProcess engine = new(SocketPath, new FakeCore { Entries = entries });
        await using EngineClient client = await Connect();
        List<ConnectionEntry> listed = [];
        await foreach (ConnectionEntry[] chunk in client.ConnectionsAsync(Cancellation))
            listed.AddRange(chunk);
        Assert.Equal(entries, listed);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_an_exception_with_its_words()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        engine.Core.Failure = new EngineException("interface eth9 does not exist: check director.interfaces");
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => client.ConfigureAsync(new EngineConfiguration { Interfaces = ["eth9"] }, Cancellation));
        Assert.Equal("interface eth9 does not exist: check director.interfaces", refusal.Message);
        Assert.Equal(EngineFault.Failed, refusal.Fault);
        await client.StatusAsync(Cancellation);
    }

    [Fact]
    public async Task A_bug_of_the_engine_fails_the_request_alone()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        engine.Core.Failure = new InvalidOperationException("oops");
        EngineException failure = await Assert.ThrowsAsync<EngineException>(() => client.OwnAsync(true, Cancellation));
        Assert.Equal("internal error of the engine: oops", failure.Message);
        await client.OwnAsync(true, Cancellation);
        Assert.Contains("InvalidOperationException", engine.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_engines_log_lines_arrive_as_events()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        engine.Log.Warning("eth1 has no carrier");
        EngineEvent occurred = await client.Events.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        if (occurred is EngineLogLine line && line.Text.Contains("attached", StringComparison.Ordinal))
            occurred = await client.Events.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        Assert.Equal(new EngineLogLine(EngineLogLevel.Warning, "eth1 has no carrier"), occurred);
    }

    [Fact]
    public async Task Outstanding_requests_fail_when_the_engine_dies()
    {
        EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        Task<AddressConflict[]> probe = client.ProbeAsync([Frames.Ip("10.1.0.100")], Cancellation);
        await client.StatusAsync(Cancellation);
        engine.Dispose();
        EngineException failure = await Assert.ThrowsAsync<EngineException>(() => probe.WaitAsync(Patience, Cancellation));
        Assert.Equal("Probe was lost: the connection was closed by the other side", failure.Message);
        Assert.Equal("the connection was closed by the other side", await client.Disconnected.WaitAsync(Patience, Cancellation));
        EngineException later = await Assert.ThrowsAsync<EngineException>(() => client.StatusAsync(Cancellation));
        Assert.Equal(EngineFault.Unreachable, later.Fault);
    }

    [Fact]
    public async Task Stop_releases_everything_and_ends_the_engine()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        await client.StopAsync(Cancellation);
        Assert.True(engine.Ended(Patience));
        Assert.Equal(["shutdown"], engine.Core.Calls);
    }

    [Fact]
    public async Task A_cancelled_request_leaves_the_connection_usable()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        using CancellationTokenSource cancel = new();
        Task<AddressConflict[]> probe = client.ProbeAsync([Frames.Ip("10.1.0.100")], cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        // Its late answer belongs to nobody.
        await client.ProbeAsync([Frames.Ip("10.1.0.101")], Cancellation);
        Assert.False(client.Disconnected.IsCompleted);
    }

    private Task<EngineClient> Connect() =>
        EngineClient.ConnectAsync(SocketPath, EngineIdentity.Current("a"), TimeProvider.System, Cancellation);
}
