using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Dataplane.Tests.Control.Messages;
using Director.Model;
using Microsoft.Win32.SafeHandles;

namespace Director.Dataplane.Tests.Control;

/// <summary>Who may attach to an engine, what survives a directord, and what becomes of the socket file.</summary>
public sealed class EngineServerTests : SocketFolder
{
    [Fact]
    public async Task Attaching_tells_who_is_there()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        Assert.Equal(EngineIdentity.Current("a"), client.Engine);
        Assert.Equal(ProtocolRange.Supported.Maximum, client.Protocol);
        Assert.Equal(0ul, client.AttachedRevision);
        Assert.Empty(client.Memory);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void The_socket_is_private()
    {
        using EngineInProcess engine = new(SocketPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(SocketPath));
        Assert.Equal([SocketPath], Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public async Task A_second_directord_is_refused_while_the_first_lives()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient first = await Connect();
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => Connect());
        Assert.Equal(
            $"the engine (pid {Environment.ProcessId}) is controlled by directord pid {Environment.ProcessId} already: stop that one first", refusal.Message);
        Assert.Equal(EngineFault.Refused, refusal.Fault);
        await first.StatusAsync(Cancellation);
    }

    [Fact]
    public async Task The_next_directord_finds_the_table_as_the_last_one_left_it()
    {
        using EngineInProcess engine = new(SocketPath);
        for (ulong revision = 1; revision <= 20; revision++)
        {
            // No pause between: the next attaches before the engine can have noticed that the last one went.
            await using EngineClient client = await Connect();
            Assert.Equal(revision - 1, client.AttachedRevision);
            Assert.Equal(revision, await client.ApplyAsync(new TableUpdate(revision - 1, revision, false, [], []), Cancellation));
        }
        Assert.DoesNotContain("shutdown", engine.Core.Calls);
    }

    [Fact]
    public async Task The_memory_of_a_dead_engine_goes_on_in_the_next()
    {
        EngineInProcess first = new(SocketPath);
        EngineClient client = await Connect();
        await client.ConfigureAsync(new EngineConfiguration { Interfaces = ["eth0"] }, Cancellation);
        first.Core.MemoryText = "200 connections";
        SafeFileHandle[] memory = [.. client.Memory];
        Assert.Single(memory);
        first.Dispose();
        await client.DisposeAsync();

        using EngineInProcess second = new(SocketPath);
        await using EngineClient next = await Connect();
        Assert.Empty(next.Memory);
        await next.AdoptAsync(memory, Cancellation);
        await next.ConfigureAsync(new EngineConfiguration { Interfaces = ["eth0"] }, Cancellation);
        Assert.Equal("200 connections", second.Core.MemoryText);
        Assert.Single(next.Memory);
        memory[0].Dispose();
        Assert.Equal("200 connections", second.Core.MemoryText);
    }

    [Fact]
    public async Task A_directord_that_attaches_later_gets_the_memory_at_once()
    {
        using EngineInProcess engine = new(SocketPath);
        await using (EngineClient first = await Connect())
            await first.ConfigureAsync(new EngineConfiguration { Interfaces = ["eth0"] }, Cancellation);
        engine.Core.MemoryText = "written later";
        await using EngineClient second = await Connect();
        byte[] bytes = new byte[64];
        int read = RandomAccess.Read(Assert.Single(second.Memory), bytes, 0);
        Assert.Equal("written later", Encoding.ASCII.GetString(bytes, 0, read));
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => second.AdoptAsync(second.Memory, Cancellation));
        Assert.Equal("the engine has a connection memory already", refusal.Message);
    }

    [Fact]
    public async Task Without_a_common_version_both_sides_say_so()
    {
        using EngineInProcess engine = new(SocketPath, versions: new ProtocolRange(4, 5));
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => Connect());
        Assert.Equal(EngineFault.Refused, refusal.Fault);
        Assert.Contains("speaks protocol 4-5, directord 0.1.0", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("directord is too old for this engine", refusal.Message, StringComparison.Ordinal);
        await Task.Run(() => Assert.True(SpinWait.SpinUntil(
            () => engine.ToString().Contains("directord is too old for this engine", StringComparison.Ordinal), Patience)), Cancellation);
    }

    [Fact]
    public async Task Another_directors_engine_is_not_adopted()
    {
        using EngineInProcess engine = new(SocketPath);
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(() => Connect(EngineIdentity.Current("b")));
        Assert.Contains("belongs to director a, not b", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_of_another_network_namespace_is_not_adopted()
    {
        using EngineInProcess engine = new(SocketPath);
        EngineException refusal = await Assert.ThrowsAsync<EngineException>(
            () => Connect(EngineIdentity.Current("a") with { NetworkNamespace = 1 }));
        Assert.Contains("runs in another network namespace", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_listening_is_told_apart_from_being_refused()
    {
        EngineException nobody = await Assert.ThrowsAsync<EngineException>(() => Connect());
        Assert.Equal(EngineFault.NotListening, nobody.Fault);
        Assert.Equal($"no engine listens at {SocketPath}", nobody.Message);
    }

    [Fact]
    public void A_live_engines_path_is_not_taken()
    {
        using EngineInProcess engine = new(SocketPath);
        EngineException taken = Assert.Throws<EngineException>(() => new EngineInProcess(SocketPath, identity: EngineIdentity.Current("b")));
        Assert.Equal($"socket path {SocketPath} is taken by a live engine (pid {Environment.ProcessId}, director a)", taken.Message);
    }

    [Fact]
    public async Task Asking_who_is_there_does_not_disturb_the_one_in_control()
    {
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        Assert.Throws<EngineException>(() => new EngineInProcess(SocketPath));
        await client.StatusAsync(Cancellation);
    }

    [Fact]
    public async Task A_dead_engines_socket_file_is_replaced()
    {
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(Path.Combine(Folder, "other.sock")));
            File.Move(Path.Combine(Folder, "other.sock"), SocketPath);
        }
        Assert.True(File.Exists(SocketPath));
        using EngineInProcess engine = new(SocketPath);
        await using EngineClient client = await Connect();
        Assert.Equal("a", client.Engine.Name);
    }

    [Fact]
    public void A_path_too_long_for_a_socket_is_told()
    {
        EngineException failure = Assert.Throws<EngineException>(() => new EngineInProcess(Path.Combine(Folder, new string('x', 100))));
        Assert.Contains("a Unix socket's path can have 107", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_folder_is_told()
    {
        EngineException failure = Assert.Throws<EngineException>(() => new EngineInProcess(Path.Combine(Folder, "none", "engine.sock")));
        Assert.Contains("its folder does not exist", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_ends_when_its_path_is_taken_away()
    {
        using EngineInProcess engine = new(SocketPath);
        File.Delete(SocketPath);
        Assert.True(engine.Ended(Patience));
        Assert.Equal(["shutdown"], engine.Core.Calls);
    }

    [Fact]
    public void The_engine_ends_when_its_path_names_another_file_and_leaves_that_alone()
    {
        using (EngineInProcess engine = new(SocketPath))
        {
            File.WriteAllText(Path.Combine(Folder, "new"), "");
            File.Move(Path.Combine(Folder, "new"), SocketPath, overwrite: true);
            Assert.True(engine.Ended(Patience));
        }
        Assert.True(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("474554202F20485454502F312E310D0A")] // GET / HTTP/1.1: a length, a type, flags
    [InlineData("00000000120000000000000000000000")] // a request before the hello
    [InlineData("00000000010000000000000000000000")] // a hello without a body
    [InlineData("FFFFFFFF010000000000000000000000")] // a hello of 4 GB
    public async Task Strangers_are_shown_the_door_and_directord_still_gets_in(string bytes)
    {
        using EngineInProcess engine = new(SocketPath);
        using Socket stranger = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await stranger.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Cancellation);
        await stranger.SendAsync(Convert.FromHexString(bytes), Cancellation);
        byte[] answer = new byte[4096];
        while (await Receive(stranger, answer) > 0)
        {
        }
        await using EngineClient client = await Connect();
        await client.StatusAsync(Cancellation);
    }

    [Fact]
    public async Task A_broken_request_closes_the_connection_with_a_reason_and_the_engine_lives()
    {
        using EngineInProcess engine = new(SocketPath);
        Random chance = new(20261122);
        for (int round = 0; round < 200; round++)
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Cancellation);
            byte[] body = new byte[chance.Next(0, 64)];
            chance.NextBytes(body);
            MessageType type = (MessageType)chance.Next(0, 30);
            if (type == MessageType.Stop)
                continue;
            byte[] all = [.. HelloBytes(), .. Frames.Frame(type, 1, writer => writer.Append(body))];
            await socket.SendAsync(all, Cancellation);
            socket.Shutdown(SocketShutdown.Send);
            byte[] answer = new byte[4096];
            while (await Receive(socket, answer) > 0)
            {
            }
        }
        await using EngineClient client = await Connect();
        await client.StatusAsync(Cancellation);
        Assert.Contains("sent a broken Apply: ", engine.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("failed:", engine.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directord_that_asks_and_never_reads_does_not_fill_the_engines_memory()
    {
        ConnectionEntry entry = new(
            TransportProtocol.Tcp, 900, "ESTABLISHED", Frames.Ip("10.1.0.2"), 40000, Frames.Ip("10.1.0.100"), 80, Frames.Ip("10.2.0.11"), 80);
        using EngineInProcess engine = new(SocketPath, new FakeCore { Entries = [.. Enumerable.Repeat(entry, 1024)] });
        using Socket greedy = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await greedy.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), Cancellation);
        byte[] ask = Frames.Frame(MessageType.Connections, 1, writer => writer.UInt32(0));
        byte[] asks = [.. HelloBytes(), .. Enumerable.Repeat(ask, 5000).SelectMany(bytes => bytes)];
        greedy.SendBufferSize = 1 << 20;
        long before = GC.GetTotalMemory(forceFullCollection: true);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = greedy.SendAsync(asks, enough.Token).AsTask();
        // 5000 answers would be 300 MB. What it may keep: one limit and one answer, in doubling buffers.
        Assert.False(SpinWait.SpinUntil(() => GC.GetTotalMemory(false) - before > 64 << 20, TimeSpan.FromMilliseconds(500)));
        await enough.CancelAsync();
        await Task.WhenAny(sending);
        greedy.Close();
        await using EngineClient client = await Connect();
        await client.StatusAsync(Cancellation);
    }

    private static byte[] HelloBytes()
    {
        using FrameWriter writer = new();
        new Hello(PeerRole.Director, ProtocolRange.Supported, EngineIdentity.Current("a")).Write(writer);
        return writer.Written.ToArray();
    }

    private static async Task<int> Receive(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer, Cancellation).AsTask().WaitAsync(Patience, Cancellation);
        }
        catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
        {
            return 0;
        }
    }

    private Task<EngineClient> Connect(EngineIdentity? identity = null) =>
        EngineClient.ConnectAsync(SocketPath, identity ?? EngineIdentity.Current("a"), TimeProvider.System, Cancellation);
}
