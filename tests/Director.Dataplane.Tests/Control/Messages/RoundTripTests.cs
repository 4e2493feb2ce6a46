using Director.Dataplane.Control;
using Director.Dataplane.Control.Messages;
using Director.Model;
using FsCheck;
using FsCheck.Fluent;

namespace Director.Dataplane.Tests.Control.Messages;

public sealed class RoundTripTests
{
    [Fact]
    public void Service_keys() => Survives(Values.Key, ServiceFormat.WriteKey, ServiceFormat.ReadKey);

    [Fact]
    public void Services_with_servers() => Survives(Values.Service, ServiceFormat.WriteService, ServiceFormat.ReadService);

    [Fact]
    public void Table_updates() => Survives(Values.Table, TableFormat.Write, TableFormat.Read);

    [Fact]
    public void Configurations() => Survives(Values.Configuration, ConfigurationFormat.Write, ConfigurationFormat.Read);

    [Fact]
    public void Addresses() =>
        Survives(Values.Few(Values.Address), ConfigurationFormat.WriteAddresses, ConfigurationFormat.ReadAddresses);

    [Fact]
    public void Conflicts() => Survives(
        Values.Few(from address in Values.Address from name in Values.Text select new AddressConflict(address, name, name == "" ? null : name)),
        ConfigurationFormat.WriteConflicts,
        ConfigurationFormat.ReadConflicts);

    [Fact]
    public void Statistics() => Survives(Values.Observed, StatisticsFormat.Write, StatisticsFormat.Read);

    [Fact]
    public void Timeouts() => Survives(
        from n in Values.Number.ArrayOf(3) select new Timeouts(n[0], n[1], n[2]), StatisticsFormat.WriteTimeouts, StatisticsFormat.ReadTimeouts);

    [Fact]
    public void Marks() => Survives(Values.Marks, MarksFormat.Write, MarksFormat.Read);

    [Fact]
    public void Settings() => Survives(Values.Settings, SettingsFormat.Write, SettingsFormat.Read);

    [Fact]
    public void Connection_chunks() => Survives(
        Values.Few(Values.Entry),
        (writer, entries) => ConnectionsFormat.Write(writer, 99, entries),
        (ref FrameReader reader) =>
        {
            (uint next, ConnectionEntry[] entries) = ConnectionsFormat.Read(ref reader);
            Assert.Equal(99u, next);
            return entries;
        });

    [Fact]
    public void Statuses() => Survives(Values.Status, StatusFormat.Write, StatusFormat.Read);

    [Fact]
    public void Events() => Survives(
        from level in Gen.Elements(Enum.GetValues<EngineLogLevel>()) from text in Values.Text select (EngineEvent)new EngineLogLine(level, text),
        NoticeFormat.WriteEvent,
        NoticeFormat.ReadEvent);

    [Fact]
    public void The_smallest_of_everything_fits_the_sizes_that_counts_are_checked_against()
    {
        VirtualService bare = new() { Key = ServiceKey.ForMark(1), Scheduler = "" };
        RealServer server = new() { Address = Frames.Ip("10.0.0.1"), Port = 0 };
        TableUpdate update = new(0, 1, true, [bare, bare with { Servers = [server, server] }], [bare.Key, bare.Key]);
        byte[] body = Frames.Body(writer => TableFormat.Write(writer, update));
        Assert.NotNull(Frames.Read(body, TableFormat.Read, out string? fault));
        Assert.Null(fault);

        EngineStatus empty = new(
            true, 0, "", 1, 0, 0, 0, 0, [new("", false, "", 0, "", 0, 0, 0)], new() { [""] = 0 }, [], [""], [""]);
        Assert.NotNull(Frames.Read(Frames.Body(writer => StatusFormat.Write(writer, empty)), StatusFormat.Read, out _));
    }

    [Fact]
    public void A_text_too_long_for_its_length_is_refused_by_the_writer()
    {
        using FrameWriter writer = new();
        writer.Begin(MessageType.Apply, 1);
        Assert.Throws<EngineException>(() => writer.Text(new string('x', 65536)));
    }

    private static void Survives<T>(Gen<T> values, Action<FrameWriter, T> write, FrameReader.Element<T> read)
        where T : class
    {
        Property survives = Prop.ForAll(values.ToArbitrary(), value =>
        {
            byte[] body = Frames.Body(writer => write(writer, value));
            T? back = Frames.Read(body, read, out string? fault);
            Assert.Null(fault);
            Assert.Equal(Frames.Show(value), Frames.Show(back!));
        });
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(20261122, 7), survives);
    }
}
