using Director.Actors.Services;
using Director.Model;
using static Director.Actors.Tests.Services.Samples;

namespace Director.Actors.Tests.Services;

public sealed class ServiceTableTests
{
    [Fact]
    public void Services_are_listed_in_the_order_in_which_they_were_added()
    {
        DirectorState director = new();
        foreach (string key in new[] { "tcp 10.1.0.3:80", "udp 10.1.0.1:53", "tcp 10.1.0.2:80" })
            director.Execute(new AddService(Service(key)));
        director.Execute(new EditService(Service("tcp 10.1.0.3:80", "rr")));
        director.Execute(new DeleteService(Key("udp 10.1.0.1:53")));
        director.Execute(new AddService(Service("udp 10.1.0.1:53")));

        Assert.Equal(["tcp 10.1.0.3:80", "tcp 10.1.0.2:80", "udp 10.1.0.1:53"], director.Table.Services.Select(s => s.Key.ToString()));
    }

    [Fact]
    public void Clear_leaves_nothing_but_the_timeouts()
    {
        DirectorState director = new();
        director.Execute(new CommandBatch([new AddService(Service("tcp 10.1.0.3:80")), new SetTimeouts(new(1, 2, 3)), new Clear()]));
        Assert.Equal(0, director.Table.Count);
        Assert.Equal(new Timeouts(1, 2, 3), director.Timeouts);
    }

    [Fact]
    public void A_refused_command_of_a_batch_does_not_stop_the_ones_after_it()
    {
        DirectorState director = new();
        CommandBatchResult answer = director.Execute(new CommandBatch(
        [
            new AddService(Service("tcp 10.1.0.3:80")),
            new AddService(Service("tcp 10.1.0.3:80")),
            new AddServer(Key("tcp 10.1.0.3:80"), Server("10.2.0.11:80")),
        ]));
        Assert.Equal([CommandError.None, CommandError.ServiceExists, CommandError.None], answer.Results.Select(r => r.Error));
        Assert.Equal(2ul, answer.Revision);
    }

    [Fact]
    public void Every_server_is_listed_in_the_order_in_which_it_was_added()
    {
        DirectorState director = new();
        director.Execute(new AddService(Service("tcp 10.1.0.3:80")));
        foreach (string server in new[] { "10.2.0.12:80", "10.2.0.11:80", "10.2.0.13:80" })
            director.Execute(new AddServer(Key("tcp 10.1.0.3:80"), Server(server)));
        director.Execute(new EditServer(Key("tcp 10.1.0.3:80"), Server("10.2.0.11:80", weight: 5)));

        ServiceListing listed = director.List().Services.Single();
        Assert.Equal(["10.2.0.12", "10.2.0.11", "10.2.0.13"], listed.Servers.Select(s => s.Address.ToString()));
        Assert.Equal([1, 5, 1], listed.Service.Servers.Select(s => s.Weight));
    }
}
