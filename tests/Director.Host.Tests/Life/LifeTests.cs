using System.Net.Sockets;
using Director.Actors.Forwarding;
using Director.Actors.Journal;
using Director.Actors.Tests;
using Director.Actors.Tests.Forwarding;
using Director.Dataplane.Control;
using Director.Host.Configuration;
using Director.Host.Life;
using Director.Model;
using Microsoft.Extensions.DependencyInjection;

namespace Director.Host.Tests.Life;

public sealed class LifeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeEngine _engine = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stopping_stops_the_engine_and_releases_everything()
    {
        await using (await ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine))
            Assert.True(_engine.Owner);
        Assert.True(_engine.Stopped);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "director.sock")));
        DataDirectory.Hold(_folder.Path).Dispose();
    }

    [Fact]
    public async Task Asked_to_leave_the_engine_it_goes_on()
    {
        await using (ServingDirector director = await ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine))
            director.Application.Services.GetRequiredService<LeaveEngine>().Requested = true;
        Assert.False(_engine.Stopped);
        Assert.True(_engine.Owner);
    }

    [Fact]
    public async Task Declared_services_are_there_when_it_serves_and_after_the_next_start_too()
    {
        VirtualService declared = new() { Key = ServiceKey.TryParse("tcp 10.1.0.100:80", out ServiceKey? key) ? key : null! };
        DirectorOptions options = ServingDirector.Options(_folder.Path) with { Services = [declared], ServicesDigest = "1" };
        await using (await ServingDirector.StartAsync(options, _engine))
            Assert.Equal(key, Assert.Single(_engine.Table).Key);

        FakeEngine next = new();
        await using ServingDirector second = await ServingDirector.StartAsync(options, next);
        Assert.Equal(key, Assert.Single(next.Table).Key);
        Assert.Equal(_engine.Revision, second.Application.Services.GetRequiredService<LiveDirector>().Current.Revision);
    }

    [Fact]
    public async Task A_socket_left_by_a_dead_director_is_replaced()
    {
        DirectorOptions options = ServingDirector.Options(_folder.Path);
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Moved, since closing it here would remove the file where it was bound.
            dead.Bind(new UnixDomainSocketEndPoint(options.ManagementSocket + ".bound"));
            File.Move(options.ManagementSocket + ".bound", options.ManagementSocket);
        }
        await using ServingDirector director = await ServingDirector.StartAsync(options, _engine);
        Assert.Equal("", await director.Local.GetStringAsync(new Uri("/ready", UriKind.Relative), TestContext.Current.CancellationToken));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(options.ManagementSocket));
    }

    [Fact]
    public async Task A_socket_of_a_live_director_is_not_touched()
    {
        DirectorOptions options = ServingDirector.Options(_folder.Path);
        await using ServingDirector first = await ServingDirector.StartAsync(options, _engine);
        StartException refused = await Assert.ThrowsAsync<StartException>(() =>
            ServingDirector.StartAsync(options with { DataDirectory = Path.Combine(_folder.Path, "other") }, new FakeEngine()));
        Assert.Contains("belongs to a director that is running", refused.Message, StringComparison.Ordinal);
        Assert.Equal("", await first.Local.GetStringAsync(new Uri("/ready", UriKind.Relative), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_file_at_the_sockets_path_is_not_deleted()
    {
        DirectorOptions options = ServingDirector.Options(_folder.Path);
        await File.WriteAllTextAsync(options.ManagementSocket, "mine", TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<StartException>(() => ServingDirector.StartAsync(options, _engine));
        Assert.Equal("mine", await File.ReadAllTextAsync(options.ManagementSocket, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_damaged_journal_stops_the_start_before_the_engine_is_asked()
    {
        await File.WriteAllTextAsync(_folder.Journal, "no database at all", TestContext.Current.CancellationToken);
        JournalException refused = await Assert.ThrowsAsync<JournalException>(() => ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine));
        Assert.Contains(_folder.Journal, refused.Message, StringComparison.Ordinal);
        Assert.Empty(_engine.Calls);
    }

    [Fact]
    public async Task An_engine_that_cannot_be_had_stops_the_start()
    {
        EngineException refused = await Assert.ThrowsAsync<EngineException>(() =>
            ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine, failure: "needs CAP_NET_RAW"));
        Assert.Equal("needs CAP_NET_RAW", refused.Message);
    }

    [Fact]
    public async Task An_engine_that_refuses_the_configuration_stops_the_start()
    {
        _engine.Broken = new EngineException("interface eth0 does not exist");
        StartException refused = await Assert.ThrowsAsync<StartException>(() => ServingDirector.StartAsync(ServingDirector.Options(_folder.Path), _engine));
        Assert.Equal("interface eth0 does not exist", refused.Message);
    }

    [Fact]
    public async Task A_token_that_others_can_read_stops_the_start()
    {
        string token = Path.Combine(_folder.Path, "token");
        await File.WriteAllTextAsync(token, "a-token-of-some-length", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(token, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        StartException refused = await Assert.ThrowsAsync<StartException>(() =>
            ServingDirector.StartAsync(ServingDirector.Options(_folder.Path) with { TokenFile = token }, _engine));
        Assert.Contains($"chmod 600 {token}", refused.Message, StringComparison.Ordinal);
    }
}
