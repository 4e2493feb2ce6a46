using System.Net;
using Director.Dataplane.Control;
using Director.Model;

namespace Director.Engine;

/// <summary>Stands where the packet thread will: an engine that can be attached to and stopped, but forwards nothing.</summary>
internal sealed class UnconfigurableCore : IEngineCore
{
    public ulong Revision => 0;

    public int[] Descriptors => [];

    public void Adopt(int[] descriptors) => throw Cannot();

    public void Configure(EngineConfiguration configuration) => throw Cannot();

    public ulong Apply(TableUpdate update) => throw Cannot();

    public void BeginProbe(IPAddress[] addresses) => throw Cannot();

    public AddressConflict[] EndProbe(IPAddress[] addresses) => throw Cannot();

    public void Own(bool owner) => throw Cannot();

    public void Zero(ServiceKey? service) => throw Cannot();

    public Timeouts SetTimeouts(Timeouts change) => throw Cannot();

    public TableStatistics Statistics() => new([]);

    public int Connections(ref uint cursor, Span<ConnectionEntry> entries)
    {
        cursor = 0;
        return 0;
    }

    public EngineStatus Status() => new(true, 0, "", 0, 0, 0, 0, 0, [], [], [], [], ["this engine cannot forward packets"]);

    public void Shutdown()
    {
    }

    public void Dispose()
    {
    }

    private static EngineException Cannot() => new("this engine cannot forward packets");
}
