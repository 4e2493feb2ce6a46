using System.Net;
using System.Net.Sockets;

namespace Director.Actors.Tests;

/// <summary>Ports of 127.0.0.1 that nobody has just now, in ascending order.</summary>
internal static class LoopbackPorts
{
    public static int[] Free(int count)
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        Array.ForEach(listeners, listener => listener.Start());
        int[] ports = [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).Order()];
        Array.ForEach(listeners, listener => listener.Stop());
        return ports;
    }
}
