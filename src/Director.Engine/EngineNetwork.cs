using Director.Dataplane.Linux;
using Director.Dataplane.Linux.Netlink;
using Director.Dataplane.Routing;
using Director.Dataplane.Wire;

namespace Director.Engine;

/// <summary>The kernel's routes and neighbours, followed on the control loop.</summary>
internal sealed class EngineNetwork : IDisposable
{
    private readonly RouteWatcher _watcher = new();
    private readonly LoopSource _source;

    public EngineNetwork(ControlLoop loop, Action changed)
    {
        View = _watcher.View;
        _source = loop.Register(_watcher.Descriptor, _ =>
        {
            if (!_watcher.Process())
                return;
            View = _watcher.View;
            changed();
        });
    }

    public NetworkView View { get; private set; }

    /// <summary>Asks the kernel to find, or check, a neighbour. If it cannot now, the next packet asks again.</summary>
    public void Resolve(int interfaceIndex, IpAddress address) => _ = _watcher.Resolve(interfaceIndex, address);

    public void Dispose()
    {
        _source.Dispose();
        _watcher.Dispose();
    }
}
