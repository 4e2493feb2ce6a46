using System.Net;
using Director.Actors.Tests.Forwarding;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Journal;

public sealed class RestartTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1000, "events only")]
    [InlineData(3, "snapshots and events")]
    public async Task A_new_director_knows_every_service_and_goes_on_numbering(int snapshotEvery, string from)
    {
        VirtualService[] before;
        ulong revision;
        await using (RunningDirector first = await RunningDirector.StartAsync(_folder.Journal, new FakeEngine(), snapshotEvery))
        {
            await first.ExecuteAsync(new AddService(Service("tcp 10.1.0.100:80", "rr") with
            {
                Flags = ServiceFlags.Persistent | ServiceFlags.Scheduler2,
                PersistenceTimeout = 60,
                PersistenceNetmask = IPAddress.Parse("255.255.255.0"),
            }));
            for (int i = 11; i < 16; i++)
                await first.ExecuteAsync(new AddServer(Key("tcp 10.1.0.100:80"), Server($"10.2.0.{i}:8080", weight: i) with { UpperThreshold = 9, LowerThreshold = 4 }));
            await first.ExecuteAsync(new AddService(Service("udp [fd00::1]:53")), new SetTimeouts(new Timeouts(10, 20, 30)));
            await first.ExecuteAsync(new EditServer(Key("tcp 10.1.0.100:80"), Server("10.2.0.12:8080", weight: 0)));
            await first.ExecuteAsync(new DeleteServer(Key("tcp 10.1.0.100:80"), IPAddress.Parse("10.2.0.13"), 8080));
            await first.ExecuteAsync(new AddMarks([Mark("-d 10.1.0.100 -j MARK --set-mark 7"), Mark("-d 10.1.0.101 -j MARK --set-mark 8")]), new SetSettings(new() { ["drop_entry"] = 3 }));
            await first.ExecuteAsync(new DeleteMark(1), new SetSettings(new() { ["pmtu_disc"] = 0 }));
            revision = (await first.ExecuteAsync(new EditService(Service("udp [fd00::1]:53", "lc")))).Revision;
            before = [.. first.Live.Current.Table.Services];
        }

        FakeEngine engine = new();
        await using RunningDirector second = await RunningDirector.StartAsync(_folder.Journal, engine, snapshotEvery);

        Assert.Equal(before.Select(Text), second.Live.Current.Table.Services.Select(Text));
        Assert.Equal(before.Select(Text), engine.Table.Select(Text));
        Assert.Equal(new Timeouts(10, 20, 30), engine.Timeouts);
        Assert.Equal([Mark("-d 10.1.0.101 -j MARK --set-mark 8")], engine.Marks);
        Assert.Equal(new Settings { DropEntry = 3, PmtuDisc = false }, engine.Settings);
        Assert.True(revision == second.Live.Current.Revision && revision == engine.Revision, from);
        Assert.True((await second.ExecuteAsync(new DeleteService(Key("udp [fd00::1]:53")))).Revision > revision);
    }

    private static string Text(VirtualService service) => System.Text.Json.JsonSerializer.Serialize(service, DirectorJson.Default.VirtualService);
}
