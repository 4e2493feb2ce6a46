using System.Net;
using Director.Actors.Services;
using Director.Actors.Synchronization;
using Director.Model;

namespace Director.Actors.Tests.Synchronization;

/// <summary>The commands of the sync daemons, as IPVS 6.1 answers them (recorded on a device whose MTU is 1500).</summary>
public sealed class SyncDaemonStateTests
{
    private static readonly IPAddress Group = IPAddress.Parse("224.0.0.81");

    public static TheoryData<string, SyncDaemon, SyncDaemon> Completed => new()
    {
        { "all defaults", new(SyncRole.Master, "dm0"), new(SyncRole.Master, "dm0", 0, 1472, Group, 8848, 1) },
        { "a backup on Ethernet", new(SyncRole.Backup, "dm0", 5), new(SyncRole.Backup, "dm0", 5, 1472, Group, 8848, 1) },
        { "a master sends no jumbo frames", new(SyncRole.Master, "jumbo"), new(SyncRole.Master, "jumbo", 0, 1472, Group, 8848, 1) },
        { "a backup takes them", new(SyncRole.Backup, "jumbo"), new(SyncRole.Backup, "jumbo", 0, 8972, Group, 8848, 1) },
        { "a backup takes Ethernet's whatever its own MTU", new(SyncRole.Backup, "small"), new(SyncRole.Backup, "small", 0, 1472, Group, 8848, 1) },
        { "the loopback's MTU is more than a datagram", new(SyncRole.Backup, "lo"), new(SyncRole.Backup, "lo", 0, 65507, Group, 8848, 1) },
        {
            "everything given",
            new(SyncRole.Master, "dm0", 7, 1400, IPAddress.Parse("224.0.0.90"), 8849, 3),
            new(SyncRole.Master, "dm0", 7, 1400, IPAddress.Parse("224.0.0.90"), 8849, 3)
        },
        { "a master's short messages", new(SyncRole.Master, "dm0", 0, 1), new(SyncRole.Master, "dm0", 0, 1, Group, 8848, 1) },
        { "a backup's buffer is not so short", new(SyncRole.Backup, "dm0", 0, 1), new(SyncRole.Backup, "dm0", 0, 1024, Group, 8848, 1) },
        {
            "an IPv6 header is longer",
            new(SyncRole.Master, "dm0", 0, 0, IPAddress.Parse("ff02::81")),
            new(SyncRole.Master, "dm0", 0, 1452, IPAddress.Parse("ff02::81"), 8848, 1)
        },
        {
            "and leaves less room for the longest",
            new(SyncRole.Master, "dm0", 0, 65507, IPAddress.Parse("ff02::81")),
            new(SyncRole.Master, "dm0", 0, 65487, IPAddress.Parse("ff02::81"), 8848, 1)
        },
    };

    [Theory]
    [MemberData(nameof(Completed))]
    public void A_daemon_is_started_with_what_the_command_left_open(string name, SyncDaemon asked, SyncDaemon started)
    {
        (SyncDaemonState state, CommandError error) = Run(SyncDaemonState.None, new StartDaemon(asked));
        Assert.True(error == CommandError.None, name);
        Assert.Equal(started, Assert.Single(state.All));
    }

    [Fact]
    public void There_is_one_of_each_role_and_the_master_is_listed_first()
    {
        SyncDaemonState state = SyncDaemonState.None;
        (state, _) = Run(state, new StartDaemon(new SyncDaemon(SyncRole.Backup, "dm0", 5)));
        (state, _) = Run(state, new StartDaemon(new SyncDaemon(SyncRole.Master, "dm0", 6)));
        Assert.Equal([(SyncRole.Master, 6), (SyncRole.Backup, 5)], state.All.Select(daemon => (daemon.Role, (int)daemon.SyncId)));
        (SyncDaemonState same, CommandError error) = Run(state, new StartDaemon(new SyncDaemon(SyncRole.Backup, "jumbo", 9)));
        Assert.Equal((state, CommandError.DaemonRuns), (same, error));

        (state, error) = Run(state, new StopDaemon(SyncRole.Master));
        Assert.Equal((SyncRole.Backup, CommandError.None), (Assert.Single(state.All).Role, error));
        (_, error) = Run(state, new StopDaemon(SyncRole.Master));
        Assert.Equal(CommandError.NoDaemon, error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nosuchif")]
    public void An_interface_that_is_not_there_is_looked_for_before_anything_else(string name)
    {
        (SyncDaemonState running, _) = Run(SyncDaemonState.None, new StartDaemon(new SyncDaemon(SyncRole.Master, "dm0")));
        Assert.Equal(CommandError.NoSuchDevice, Run(SyncDaemonState.None, new StartDaemon(new SyncDaemon(SyncRole.Master, name))).Error);
        Assert.Equal(CommandError.NoSuchDevice, Run(running, new StartDaemon(new SyncDaemon(SyncRole.Master, name))).Error);
    }

    private static (SyncDaemonState State, CommandError Error) Run(SyncDaemonState state, DirectorCommand command)
    {
        Decision decision = state.Decide(command, name => name switch { "dm0" => 1500, "jumbo" => 9000, "small" => 1280, "lo" => 65536, _ => null });
        return (decision.Events.Aggregate(state, (changed, happened) => changed.Apply((SyncDaemonEvent)happened)), decision.Result.Error);
    }
}
